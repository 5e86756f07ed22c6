"""The verbs of a watch session, one file each."""

from murph.session.service.end import end
from murph.session.service.errors import (
    LockExpired,
    LockTooSmall,
    NoActiveSession,
    OwnCourse,
    SessionActive,
    SessionNotFound,
    SessionNotLive,
    SocketLive,
    UnknownVideo,
)
from murph.session.service.extend import extend
from murph.session.service.meter import Claim, Recorded, RestTick, claim, flag, record_tick, release
from murph.session.service.settle import (
    SettlementChanged,
    note_late_evidence,
    settle,
    settle_due,
    tell_of_settlement,
)
from murph.session.service.start import activate, lock, start
from murph.session.service.sweep import sweep
from murph.session.service.visits import record_visit

__all__ = [
    "Claim",
    "LockExpired",
    "LockTooSmall",
    "NoActiveSession",
    "OwnCourse",
    "Recorded",
    "RestTick",
    "SessionActive",
    "SessionNotFound",
    "SessionNotLive",
    "SettlementChanged",
    "SocketLive",
    "UnknownVideo",
    "activate",
    "claim",
    "end",
    "extend",
    "flag",
    "lock",
    "note_late_evidence",
    "record_tick",
    "record_visit",
    "release",
    "settle",
    "settle_due",
    "start",
    "sweep",
    "tell_of_settlement",
]
