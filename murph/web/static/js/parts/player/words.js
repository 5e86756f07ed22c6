/** Why a session, or its picture, is not going on. */

export const WHY_ENDED = {
  user: "You stopped.",
  funds_exhausted: "The money set aside is used up.",
  idle: "Nothing was played for a quarter of an hour.",
  abandoned: "The connection was away for too long.",
  expired: "It was not started in time.",
  admin: "An administrator ended it.",
};

export const WHY_REFUSED = {
  replaced: "This session goes on in another tab or on another device.",
  "signed-out": "You have been signed out.",
  unknown: "This session is not there any more.",
  mistaken: "This page and the server did not understand each other.",
};

export const WHY_BROKEN = {
  lost: "The connection is lost. The picture goes on when it is back, and nothing is charged until then.",
  stopped: "The picture has stopped coming. What you do not see is not charged.",
  unplayable: "This browser does not play this kind of video by itself. Another one may; nothing is charged meanwhile.",
};
