"""What an answer lets one ask next: the links of the OpenAPI document."""

from collections.abc import Iterator
from typing import Any

LINKS: dict[str, dict[str, tuple[str, ...]]] = {
    "auth_register": {"user_id=$response.body#/user/id": ("profile_show", "users_update_profile")},
    "course_create": {
        "course_id=$response.body#/id": (
            "delivery_show_course",
            "course_update",
            "course_add_video",
            "course_publish",
            "course_unpublish",
            "course_delete",
        )
    },
    "course_add_video": {
        "course_id=$request.path.course_id video_id=$response.body#/id": (
            "course_update_video",
            "course_set_captions",
            "delivery_playback_url",
            "course_delete_video",
        )
    },
    "session_create": {
        "session_id=$response.body#/id": ("session_activate", "session_end", "session_status"),
    },
    "session_start": {
        "session_id=$response.body#/id": (
            "session_get",
            "session_status",
            "session_metrics",
            "session_extend",
            "session_end",
            "session_complete",
        )
    },
    "session_end": {"session_id=$response.body#/session_id": ("receipt_get_receipt",)},
    "wallet_request_top_up": {"top_up_id=$response.body#/id": ("wallet_get_top_up",)},
    "wallet_request_payout": {"payout_id=$response.body#/id": ("wallet_get_payout",)},
    "discovery_ask": {"turn_id=$response.body#/turn_id": ("discovery_get_turn", "discovery_events")},
    "course_review_write": {
        "review_id=$response.body#/id": (
            "review_edit",
            "review_explain",
            "review_reply",
            "review_report",
            "review_delete",
        )
    },
}
"""By operation: which ids of its answer (or its own path) the operations after it take."""


def add_links(document: dict[str, Any]) -> None:
    """Write the links into the successes of a document's operations."""
    for operation in _operations(document):
        for parameters, targets in LINKS.get(operation["operationId"], {}).items():
            taken = dict(each.split("=", 1) for each in parameters.split())
            links = {target: {"operationId": target, "parameters": taken} for target in targets}
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    answer.setdefault("links", {}).update(links)


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from (each for each in path.values() if isinstance(each, dict) and "operationId" in each)
