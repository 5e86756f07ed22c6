"""schemathesis, set up to play one role against a running server."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.engine.run import PhaseName
from werkzeug.serving import WSGIRequestHandler, make_server

from murph.core.ids import new_id
from tests.auth.people import PASSWORD
from tests.contract.operations import Operation
from tests.contract.world import World

STRANGER = {"name": "Gone", "user_type": "student"}
ACCEPTED = ["2xx", "401", "403", "404", "409"]
"""How a request that fits the document may be answered (`positive_data_acceptance`)."""
PRESENT_STATE = {
    # The cursor must be one that this list gave out.
    "400": {
        *("course_list_courses", "course_review_list_reviews", "review_list_reviews"),
        "discovery_history",
        "session_list_sessions",
        "teacher_courses",
        "teacher_reviews",
        "wallet_list_payouts",
        "wallet_list_top_ups",
        "wallet_transactions",
    },
    # The money must be there.
    "402": {"session_create", "session_extend", "session_start", "wallet_request_payout"},
    # If-Match must name the present version.
    "412": {"course_delete", "course_update"},
    # 500 lectures with long titles are more than 64 KiB.
    "413": {"course_create", "course_update"},
    "422": {
        "auth_update_me",  # a new password needs the current one
        # The letters of an address must be those of its checksum.
        *("auth_register", "users_update_profile", "wallet_connect"),
        *("course_create", "course_update"),  # categories must exist, and lectures fit into their videos
        *("course_order_videos", "course_update_video"),  # all videos once; not shorter than its lectures
        *("session_create", "session_start"),  # the lock must pay for one second
        *("session_complete", "session_metrics"),  # the session of the path; a video of its course
        "wallet_balance",  # the moment must be past
        *("teacher_earnings", "teacher_earnings_csv"),  # a period ends after it begins
        # A key is for one request.
        *("session_activate", "session_end", "session_extend"),
        *("wallet_request_payout", "wallet_request_top_up"),
    },
}
"""What else only the present state can tell, and where."""


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """Leave thousands of requests out of the log."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve `app` from a thread of this process and give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def broken_promises(
    url: str, world: World, operations: Sequence[Operation], role: str, *, examples: int
) -> tuple[list[str], int, int]:
    """Play `role`; return what broke the document's promises, and how many requests were sent.

    The last number is how many of these followed links from one operation to the next.

    Requests that vary one field at a time come first; then, at each operation, some random `examples`,
    and sequences of operations.
    """
    config = SchemathesisConfig.from_dict(_config(url, world, operations, role, examples=examples))
    schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json", config=config)
    if role in world.people:
        schema.auth(refresh_interval=None)(_signed_in_as(role, url, world))
    broken, requests, followed = [], 0, 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            requests += len(event.recorder.interactions)
            followed += len(event.recorder.interactions) if event.phase is PhaseName.STATEFUL_TESTING else 0
            broken += list(_failures(event))
        elif isinstance(event, events.NonFatalError | events.FatalError):
            broken.append(repr(getattr(event, "value", None) or getattr(event, "exception", None)))
    return broken, requests, followed


def _failures(event: events.ScenarioFinished) -> Iterator[str]:
    for checks in event.recorder.checks.values():
        for check in checks:
            if check.failure_info:
                failure = check.failure_info.failure
                sent = check.failure_info.code_sample[:1_000]
                yield f"{event.recorder.label} {check.name}: {failure.title} {failure.message}\n{sent}"


def _config(
    url: str, world: World, operations: Sequence[Operation], role: str, *, examples: int
) -> dict[str, Any]:
    ids = {name: [*own, world.foreign[name]] for name, own in world.own.items()}
    known = ids | {"category": ["Mathematics", "music"]}
    bound = {f"path.{name}": name for name in ids}
    bound |= {f"body.{name}": name for name in ("course_id", "video_id", "session_id", "category")}
    return {
        "base-url": url,
        "seed": 1,
        "cache": {"enabled": False},
        "suppress-health-check": ["all"],  # they tell how hard it is to make requests up, nothing of the API
        "generation": {"deterministic": True, "max-examples": max(1, examples), "database": "none"},
        # Its examples come first in the coverage phase too. In the document's order a session is
        # watched before it is ended.
        "phases": {
            "examples": {"enabled": False},
            "coverage": {"operation-ordering": "none", "generate-duplicate-query-parameters": True},
            "fuzzing": {"enabled": examples > 0},
            "stateful": {"enabled": examples > 0 and role in world.people},
        },
        "dictionaries": {name: {"values": values} for name, values in known.items()},
        "parameters": {at: {"dictionary": name, "probability": 0.8} for at, name in bound.items()},
        "operations": [_operation(each, role) for each in operations],
    }


def _operation(operation: Operation, role: str) -> dict[str, Any]:
    expected = [*ACCEPTED, *(status for status, ids in PRESENT_STATE.items() if operation.id in ids)]
    return {
        "include-operation-id": operation.id,
        "checks": {"positive_data_acceptance": {"expected-statuses": expected}},
        # Every field is varied by one role; the others try a few examples.
        "phases": {"coverage": {"enabled": operation.role == role}},
    }


def _signed_in_as(role: str, url: str, world: World) -> type:
    class Auth:
        """Sends a token; to the operations that use a sign-in up, one of another sign-in."""

        def get(self, case: Any, _context: object) -> str:
            person = world.people[role]
            operation = case.operation.definition.raw["operationId"]
            if operation not in ("auth_logout", "auth_refresh", "users_erase_me"):
                return person.access_token
            path, sent = "login", {"email": person.email}
            if operation == "users_erase_me":  # the example in the document is everybody's password here
                path, sent = "register", {"email": f"{new_id()}@example.org", **STRANGER}
            body = {**sent, "password": PASSWORD}
            answer = httpx.post(f"{url}/api/v1/auth/{path}", json=body, trust_env=False)
            kind = "refresh_token" if operation == "auth_refresh" else "access_token"
            token: str = answer.json().get(kind, person.access_token)
            return token

        def set(self, case: Any, token: str, _context: object) -> None:
            case.headers["Authorization"] = f"Bearer {token}"

    return Auth
