"""The verbs of media."""

from murph.media.service.assets import (
    STILL_PLAYED_FOR,
    AssetNotFound,
    StoredUpload,
    let_go,
    prefix,
    process_again,
    register,
    rekey,
    revision_prefix,
)
from murph.media.service.making import (
    GAVE_UP,
    GAVE_UP_DETAIL,
    ClaimLost,
    Made,
    MadeSegment,
    Work,
    claim_next,
    fail,
    give_back,
    publish,
    put_back,
    report,
)
from murph.media.service.objects import clear_due, discard, put_to_use, reserve
from murph.media.service.upkeep import Finding, findings

__all__ = [
    "GAVE_UP",
    "GAVE_UP_DETAIL",
    "STILL_PLAYED_FOR",
    "AssetNotFound",
    "ClaimLost",
    "Finding",
    "Made",
    "MadeSegment",
    "StoredUpload",
    "Work",
    "claim_next",
    "clear_due",
    "discard",
    "fail",
    "findings",
    "give_back",
    "let_go",
    "prefix",
    "process_again",
    "publish",
    "put_back",
    "put_to_use",
    "register",
    "rekey",
    "report",
    "reserve",
    "revision_prefix",
]
