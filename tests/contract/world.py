"""A world in which every kind of object exists, once one's own and once somebody else's."""

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient

from tests.auth.people import Person, make_admin, sign_up
from tests.course.builders import content, create_course, published_course
from tests.course.uploading import send_form
from tests.review.builders import review
from tests.session.builders import fund, start, watched_and_settled
from tests.wallet.wallets import earn

CAPTIONS = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"


@dataclass(frozen=True)
class World:
    """People by role, and ids by the name of the parameter or field that takes them."""

    people: dict[str, Person]
    own: dict[str, list[str]]
    foreign: dict[str, str]

    def headers(self, role: str) -> dict[str, str]:
        """Return what makes a request that role's."""
        return self.people[role].headers if role in self.people else {}


def build(client: FlaskClient) -> World:
    """Fill an empty database: two teachers, two students who watch, an administrator."""
    tess, otto = (sign_up(client, f"{name}@example.org", "teacher") for name in ("tess", "otto"))
    stan, sara = (sign_up(client, f"{name}@example.org", "student") for name in ("stan", "sara"))
    for student in (stan, sara):
        fund(student, 50_000)
    course, other = published_course(client, tess), published_course(client, otto)
    draft, hidden = (
        create_course(client, teacher, content_structure=content(60)) for teacher in (tess, otto)
    )
    receipt = watched_and_settled(client, stan, course, 95)
    captions = f"/api/v1/courses/{draft['id']}/videos/{draft['videos'][0]['id']}/captions"
    assert send_form(client, tess, captions, CAPTIONS, "en.vtt", language="en").status_code == 201
    watched_and_settled(client, sara, other, 95)
    reviews = [review(client, student, of, 4) for student, of in ((stan, course), (sara, other))]
    live, foreign = start(client, stan, course), start(client, sara, other)
    return World(
        people={"student": stan, "teacher": tess, "admin": make_admin(client)},
        own={
            "user_id": [str(stan.id), str(tess.id)],
            "top_up_id": [_top_up(client, stan), _top_up(client, tess)],
            "payout_id": [_payout(client, tess)],
            "course_id": [course["id"], draft["id"], other["id"]],
            "video_id": [draft["videos"][0]["id"], course["videos"][0]["id"]],
            "session_id": [live["id"], receipt["session_id"]],
            "review_id": [reviews[0]["id"]],
            "turn_id": [_turn(client, stan)],
            "language": ["en"],
        },
        foreign={
            "user_id": str(sara.id),
            "top_up_id": _top_up(client, sara),
            "payout_id": _payout(client, otto),
            "course_id": hidden["id"],
            "video_id": hidden["videos"][0]["id"],
            "session_id": foreign["id"],
            "review_id": reviews[1]["id"],
            "turn_id": _turn(client, sara),
            "language": "de",
        },
    )


def _top_up(client: FlaskClient, person: Person) -> str:
    answer = client.post("/api/v1/payments/topups", json={"amount": "5.00"}, headers=person.headers)
    found: dict[str, Any] = answer.get_json()
    return str(found["id"])


def _turn(client: FlaskClient, person: Person) -> str:
    answer = client.post("/api/v1/discovery/chat", json={"message": "ledgers"}, headers=person.headers)
    found: dict[str, Any] = answer.get_json()
    return str(found["turn_id"])


def _payout(client: FlaskClient, teacher: Person) -> str:
    earn(teacher.id, 1_000)
    answer = client.post("/api/v1/payments/payouts", json={"amount": "5.00"}, headers=teacher.headers)
    found: dict[str, Any] = answer.get_json()
    return str(found["id"])
