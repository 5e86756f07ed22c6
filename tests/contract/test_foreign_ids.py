"""Ids that come in bodies and queries open nothing of anybody else's, no more than those in paths."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from murph.core.ids import new_id
from tests.auth.people import sign_in
from tests.contract.operations import Operation
from tests.contract.tour import without_request_id
from tests.contract.world import World

PUBLIC = {("course_list_courses", "teacher_id"), ("discovery_search", "teacher_id")}
"""What these narrow is for everybody."""
GOOD: dict[str, dict[str, Any]] = {
    "session_metrics": {"duration_seconds": 1},
    "session_complete": {"duration_seconds": 1},
    "review_write": {"rating": 4, "comment": "Clear"},
    "course_review_write": {"rating": 4, "comment": "Clear"},
    "discovery_ask": {"message": "ledgers"},
}
"""What else a body has."""


@dataclass(frozen=True)
class Taker:
    """A request that takes an id outside its path; `{}` in its path is the asker's own object."""

    operation: str
    name: str
    role: str
    path: str
    own: str = ""
    answered: int = 404

    def __str__(self) -> str:
        return f"{self.operation} {self.name}"


TAKERS = [
    Taker("session_start", "course_id", "student", "/sessions/start"),
    Taker("session_create", "course_id", "student", "/sessions/create"),
    Taker("session_create", "student_id", "student", "/sessions/create", answered=403),
    Taker("session_metrics", "video_id", "student", "/sessions/{}/metrics", "session_id", 422),
    Taker("session_complete", "session_id", "student", "/sessions/{}/complete", "session_id", 422),
    Taker("session_list_sessions", "course_id", "student", "/sessions", answered=200),
    Taker("course_order_videos", "video_ids", "teacher", "/courses/{}/videos/order", "course_id", 422),
    Taker("review_write", "session_id", "student", "/courses/{}/reviews", "course_id", 403),
    Taker("course_review_write", "session_id", "student", "/reviews/courses/{}/reviews", "course_id", 403),
    Taker("discovery_ask", "conversation_id", "student", "/discovery/chat"),
    Taker("teacher_reviews", "course_id", "teacher", "/teacher/reviews"),
    Taker("teacher_earnings", "course_id", "teacher", "/teacher/earnings"),
    Taker("teacher_earnings_csv", "course_id", "teacher", "/teacher/earnings.csv"),
]


def taken(operation: Operation) -> Iterator[str]:
    """Yield the ids that an operation takes in its body or query."""
    for body in operation.bodies.values():
        properties = operation.resolved(body["schema"]).get("properties", {})
        yield from (name for name in properties if name.endswith(("_id", "_ids")))
    queries = (each["name"] for each in operation.parameters if each["in"] == "query")
    yield from (name for name in queries if name.endswith("_id"))


def test_every_id_outside_a_path_is_tried(all_operations: list[Operation]) -> None:
    described = {(operation.id, name) for operation in all_operations for name in taken(operation)}
    assert described - PUBLIC == {(each.operation, each.name) for each in TAKERS}


def test_somebody_elses_id_is_answered_like_one_of_nothing_and_not_like_ones_own(
    client: FlaskClient, world: World, all_operations: list[Operation]
) -> None:
    by_id = {operation.id: operation for operation in all_operations}
    wrong = []
    for taker in TAKERS:
        sent = (foreign_id(client, world, taker.name), str(new_id()), own_id(client, world, taker))
        foreign, unknown, own = (ask(client, world, by_id[taker.operation], taker, each) for each in sent)
        if (
            foreign.status_code != taker.answered
            or told(foreign) != told(unknown)
            or told(own) == told(unknown)
        ):
            wrong.append(f"{taker}: {foreign.status_code} {foreign.text} {unknown.text} {own.text}")
    assert not wrong, "\n".join(wrong)


def told(answer: TestResponse) -> object:
    """Return what an answer says, without what is different in every one."""
    return without_request_id(answer) if answer.is_json else answer.text


def foreign_id(client: FlaskClient, world: World, name: str) -> str:
    """Return the id of another person's object."""
    if name == "conversation_id":
        return conversation(client, sign_in(client, "sara@example.org").headers)
    return world.foreign[{"student_id": "user_id", "video_ids": "video_id"}.get(name, name)]


def own_id(client: FlaskClient, world: World, taker: Taker) -> str:
    """Return the id of an object of the asker's own that fits."""
    if taker.name == "conversation_id":
        return conversation(client, world.headers(taker.role))
    live, settled = world.own["session_id"]
    course_id, _draft, _other = world.own["course_id"]
    session_id = live if taker.operation == "session_complete" else settled
    ids = {"student_id": world.own["user_id"][0], "course_id": course_id, "session_id": session_id}
    return ids.get(taker.name, world.own["video_id"][1])


def conversation(client: FlaskClient, headers: dict[str, str]) -> str:
    """Begin a conversation and return its id."""
    asked = client.post("/api/v1/discovery/chat", json={"message": "ledgers"}, headers=headers)
    return str(asked.get_json()["conversation_id"])


def ask(client: FlaskClient, world: World, operation: Operation, taker: Taker, sent: str) -> TestResponse:
    """Send a request that is good but for one id."""
    own = world.own[taker.own][0] if taker.own else ""
    path, headers = "/api/v1" + taker.path.replace("{}", own), world.headers(taker.role)
    if operation.body is None:
        return client.get(path, query_string={taker.name: sent}, headers=headers)
    good = {"course_id": world.own["course_id"][0]} if taker.operation == "session_create" else {}
    good |= GOOD.get(taker.operation, {})
    value = [sent] if taker.name.endswith("s") else sent
    return client.open(path, method=operation.method, json={**good, taker.name: value}, headers=headers)
