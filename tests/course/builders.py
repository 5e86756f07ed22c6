"""Courses for tests, made over HTTP by the teacher who owns them."""

from typing import Any

from flask.testing import FlaskClient

from tests.auth.people import Person

COURSES = "/api/v1/courses"
VIDEO_URL = "https://videos.example.org/interest.mp4"


def lecture(title: str, start: float, end: float, **more: Any) -> dict[str, Any]:
    return {"title": title, "video_timestamp_start": start, "video_timestamp_end": end, **more}


def content(*ends: float, url: str | None = VIDEO_URL) -> dict[str, Any]:
    """Lectures that follow each other up to these ends, in one external video."""
    starts = (0, *ends)
    parts = [lecture(f"Part {n}", starts[n - 1], end) for n, end in enumerate(ends, start=1)]
    return {"lectures": parts, "video_url": url}


def course_body(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Compound interest",
        "description": "How money grows when interest earns interest.",
        "category": "Mathematics",
        "price_per_minute": "2.00",
        **changes,
    }


def create_course(client: FlaskClient, teacher: Person, **changes: Any) -> dict[str, Any]:
    """Create a draft; by default it has no video."""
    return made(client.post(COURSES, json=course_body(**changes), headers=teacher.headers))


def published_course(client: FlaskClient, teacher: Person, **changes: Any) -> dict[str, Any]:
    """Create and publish a course with one external video of ten minutes in two lectures."""
    course = create_course(client, teacher, **{"content_structure": content(300, 600), **changes})
    return publish(client, teacher, course)


def publish(client: FlaskClient, teacher: Person, course: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"{COURSES}/{course['id']}/publish", headers=teacher.headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def add_video(client: FlaskClient, teacher: Person, course: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = {"title": "A video", "video_url": VIDEO_URL, "duration_seconds": 60, **changes}
    return made(client.post(f"{COURSES}/{course['id']}/videos", json=body, headers=teacher.headers))


def made(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def refusal(answer: Any) -> tuple[int, str]:
    """Return status and code of a refusal, which must be a problem document."""
    assert answer.mimetype == "application/problem+json", answer.get_data(as_text=True)
    return answer.status_code, answer.get_json()["code"]
