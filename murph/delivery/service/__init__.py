"""The verbs of delivery."""

from murph.delivery.service.byte_ranges import Span, reachable_end, spans
from murph.delivery.service.playback import NoLiveSession, Playback, VideoNotReady, playback
from murph.delivery.service.release import (
    AheadOfMeter,
    FundsExhausted,
    LinkExpired,
    SessionEnded,
    release,
    require_fresh,
    require_grant,
)

__all__ = [
    "AheadOfMeter",
    "FundsExhausted",
    "LinkExpired",
    "NoLiveSession",
    "Playback",
    "SessionEnded",
    "Span",
    "VideoNotReady",
    "playback",
    "reachable_end",
    "release",
    "require_fresh",
    "require_grant",
    "spans",
]
