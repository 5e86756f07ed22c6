"""The player when not all is as usual: no library, no picture, little money, a lesson on another site."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.conftest import FILM, send_captions, send_video
from tests.browser.pages import COUNTING, LIBRARY, NATIVE_HLS, PLAYED, Visitor
from tests.support.clips import Clips
from tests.support.house import House
from tests.support.people import Student, Teacher
from tests.support.processes import wait_until

pytestmark = pytest.mark.torture

LESSON = "https://video.example.org/watch?v=1"
EMPTY_BOX = b"\x00\x00\x00\x08free"
ADDRESS = "**/videos/*/url"
TASTE = """() => {
  const video = document.querySelector("video");
  const captions = [...video.textTracks].filter(({ kind }) => kind === "captions");
  return [video.playbackRate, video.muted, captions.map(({ mode }) => mode)];
}"""


def test_without_the_library_browsers_play_by_themselves_or_say_that_they_do_not(
    visitor: Visitor, student: Student, course: dict[str, Any]
) -> None:
    page = visitor.page
    visitor.sign_in(student)
    session = student.start(course)
    page.route(LIBRARY, lambda route: route.abort())
    visitor.visit(f"/watch/{course['id']}")
    page.get_by_role("button", name="Play").first.click()
    if page.evaluate(NATIVE_HLS):
        page.wait_for_selector(COUNTING)
        page.wait_for_function(PLAYED, arg=2)
    else:
        page.get_by_text("does not play this kind of video").first.wait_for()
    student.end(session)


def test_a_picture_that_does_not_come_costs_nothing_and_can_be_tried_again(
    visitor: Visitor, student: Student, course: dict[str, Any]
) -> None:
    page = visitor.page
    visitor.sign_in(student)
    session = student.start(course)
    page.route(LIBRARY, lambda route: route.abort())
    page.route("**/index.m3u8", lambda route: route.fulfill(status=200, body="nothing of the kind"))
    visitor.visit(f"/watch/{course['id']}")
    page.get_by_text("does not play this kind of video").first.wait_for()
    page.unroute(LIBRARY)
    page.unroute("**/index.m3u8")
    assert student.status(session)["used_seconds"] == 0
    visitor.play(f"/watch/{course['id']}")
    page.wait_for_function(PLAYED, arg=1)
    student.end(session)


def test_a_file_of_another_host_plays_in_the_page(visitor: Visitor, film_house: House) -> None:
    page, student = visitor.page, Student(film_house.url)
    offered = Teacher(film_house.url).publish()
    visitor.sign_in(student)
    session = student.start(offered)
    page.route(
        "https://videos.example.org/**",
        lambda route: route.fulfill(status=200, body=FILM.read_bytes(), content_type="video/mp4"),
    )
    visitor.visit(f"/watch/{offered['id']}")
    page.wait_for_url("**/watch/*?media=https%3A%2F%2Fvideos.example.org")
    page.get_by_role("button", name="Play").first.click()
    page.wait_for_selector(COUNTING)
    page.wait_for_function(PLAYED, arg=1)
    student.end(session)


def test_a_lesson_on_another_site_opens_there_and_its_clock_is_run_by_hand(
    visitor: Visitor, film_house: House
) -> None:
    page, student, teacher = visitor.page, Student(film_house.url), Teacher(film_house.url)
    about = {"title": "Elsewhere", "description": "On another site.", "category": "Science"}
    draft = teacher.post("/courses", about | {"price_per_minute": "1.00"}, status=201)
    video = {"title": "There", "video_url": LESSON, "duration_seconds": 600}
    teacher.post(f"/courses/{draft['id']}/videos", video, status=201)
    teacher.post(f"/courses/{draft['id']}/publish")
    visitor.sign_in(student)
    visitor.visit(f"/watch/{draft['id']}")
    page.get_by_role("button", name="Start watching").click()
    way = page.get_by_role("link", name="Open the lesson in a new tab")
    assert (way.get_attribute("href"), way.get_attribute("target")) == (LESSON, "_blank")
    page.get_by_text("Paused: not counting").wait_for()
    page.get_by_role("button", name="Start the clock").click()
    page.wait_for_selector(COUNTING)
    page.get_by_role("button", name="Stop the clock").click()
    page.get_by_text("Paused: not counting").wait_for()
    page.get_by_role("button", name="Stop watching").click()
    page.wait_for_url("**/receipts/*")


def test_money_that_runs_low_is_topped_up_while_the_picture_goes_on(
    visitor: Visitor, film_house: House, course: dict[str, Any]
) -> None:
    page, student = visitor.page, Student(film_house.url, money="3.00")
    visitor.sign_in(student)
    session = student.start(course, locked_amount="1.00")  # a minute
    visitor.play(f"/watch/{course['id']}")
    warning = page.locator("[data-warning=low]")
    warning.get_by_role("button", name="Top up").click()
    visitor.pay_in("5.00")
    warning.get_by_role("button", name="$5.00").click()
    warning.wait_for(state="detached")
    page.get_by_role("definition").filter(has_text="$6.00").wait_for()
    page.wait_for_selector(COUNTING)
    student.end(session)


def test_money_that_was_set_aside_elsewhere_is_watched_with(
    visitor: Visitor, student: Student, course: dict[str, Any]
) -> None:
    body = {"course_id": course["id"], "locked_amount": "2.00"}
    session = student.post("/sessions/create", body, status=201)
    visitor.sign_in(student)
    visitor.play(f"/watch/{course['id']}")
    assert student.status(session)["status"] == "active"
    student.end(session)


def test_the_meter_goes_on_when_the_token_it_was_opened_with_runs_out(
    visitor: Visitor, student: Student, film_house: House, course: dict[str, Any]
) -> None:
    page = visitor.page
    tokens: list[str] = []
    heard: list[str] = []

    def between(player: WebSocketRoute) -> None:
        server = player.connect_to_server()

        def shorten(message: str | bytes) -> None:
            said = json.loads(message)
            if said["type"] == "auth":
                tokens.append(said["token"])
                said["token"] = film_house.short_token(said["token"]) if len(tokens) == 1 else said["token"]
            server.send(json.dumps(said))

        def note(message: str | bytes) -> None:
            heard.append(json.loads(message)["type"])
            player.send(message)

        player.on_message(shorten)
        server.on_message(note)

    visitor.sign_in(student)
    session = student.start(course)
    page.route_web_socket("**/ws/session/*", between)
    visitor.play(f"/watch/{course['id']}")
    page.wait_for_function(PLAYED, arg=5)
    page.wait_for_selector(COUNTING)
    assert len(set(tokens)) == 2
    assert "ack" in heard[heard.index("reauth") :]
    assert heard.count("ready") == 1
    student.end(session)


def test_speed_sound_and_captions_stay_from_one_video_to_the_next(
    visitor: Visitor, student: Student, film_house: House, tmp_path: Path
) -> None:
    page = visitor.page
    visitor.sign_in(student)
    visitor.play(f"/watch/{two_films(film_house.url, Clips(tmp_path).lesson(), student)['id']}")
    page.get_by_label("Speed").select_option("2")
    page.get_by_role("button", name="Mute").click()
    page.get_by_role("button", name="Captions").click()
    expect(page.get_by_role("button", name="Captions: English")).to_be_visible()
    assert page.evaluate(TASTE) == [2, True, ["showing"]]
    page.get_by_label("Contents").get_by_role("button", name="Second").click()
    page.wait_for_function("() => document.querySelector('video').currentTime < 1")
    page.wait_for_function(PLAYED, arg=1)
    assert page.evaluate(TASTE) == [2, True, ["showing"]]
    expect(page.get_by_role("button", name="Sound on")).to_be_visible()
    expect(page.get_by_role("button", name="Captions: English")).to_be_visible()


def two_films(url: str, first: Path, student: Student) -> dict[str, Any]:
    """Publish a course of two videos with captions, and start watching it."""
    teacher = Teacher(url)
    about = {"title": "Two films", "description": "One after the other.", "category": "Science"}
    course = teacher.post("/courses", about | {"price_per_minute": "1.00"}, status=201)
    second = first.with_name("second.mp4")
    second.write_bytes(first.read_bytes() + EMPTY_BOX)  # equal files would be one video
    for film, title in ((first, "First"), (second, "Second")):
        send_video(url, course["id"], teacher, film, title=title)

    def videos() -> list[dict[str, Any]]:
        return list(teacher.get(f"/courses/{course['id']}/videos")["items"])

    wait_until(lambda: {each["status"] for each in videos()} == {"ready"}, within_s=60, what="packaging")
    for video in videos():
        send_captions(url, course["id"], video["id"], teacher)
    published = teacher.post(f"/courses/{course['id']}/publish")
    student.start(published)
    return published


def test_a_stop_that_was_lost_on_its_way_is_said_again(
    visitor: Visitor, student: Student, course: dict[str, Any]
) -> None:
    page = visitor.page
    lost: list[str] = []

    def between(player: WebSocketRoute) -> None:
        server = player.connect_to_server()

        def forward(message: str | bytes) -> None:
            if json.loads(message)["type"] == "end" and not lost:
                lost.append("end")
                player.close(code=1012)
            else:
                server.send(message)

        player.on_message(forward)

    visitor.sign_in(student)
    session = student.start(course)
    page.route_web_socket("**/ws/session/*", between)
    visitor.play(f"/watch/{course['id']}")
    page.get_by_role("button", name="Stop watching").click()
    page.wait_for_url("**/receipts/*")
    assert lost
    assert student.settled(session)["end_reason"] == "user"


def test_the_warning_stays_for_as_long_as_little_is_left(
    visitor: Visitor, student: Student, course: dict[str, Any]
) -> None:
    page = visitor.page
    visitor.sign_in(student)
    session = student.start(course, locked_amount="0.50")  # half a minute
    visitor.play(f"/watch/{course['id']}")
    warning = page.locator("[data-warning=low]")
    warning.get_by_role("button", name="$1.00").click()
    page.get_by_role("definition").filter(has_text="$1.50").wait_for()
    warning.get_by_role("button", name="$1.00").click()
    warning.wait_for(state="detached")
    page.get_by_role("definition").filter(has_text="$2.50").wait_for()
    student.end(session)


def test_without_an_address_of_the_picture_one_can_try_again(
    visitor: Visitor, student: Student, course: dict[str, Any]
) -> None:
    page = visitor.page
    visitor.sign_in(student)
    page.route(
        ADDRESS, lambda route: route.fulfill(status=500, json={"detail": "It is our fault.", "code": "x"})
    )
    visitor.visit(f"/watch/{course['id']}")
    page.get_by_role("button", name="Start watching").click()
    page.get_by_text("It is our fault.").first.wait_for()
    page.get_by_text("Paused: not counting").wait_for()
    page.unroute(ADDRESS)
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector(COUNTING)
    assert page.evaluate("() => document.activeElement.classList.contains('stage')")
    page.get_by_role("button", name="Stop watching").click()
    page.wait_for_url("**/receipts/*")


def test_full_screen_has_the_controls_and_the_warning(
    visitor: Visitor, student: Student, course: dict[str, Any]
) -> None:
    page = visitor.page
    visitor.sign_in(student)
    session = student.start(course, locked_amount="0.50")
    visitor.play(f"/watch/{course['id']}")
    page.get_by_role("button", name="Full screen").click()
    whole = page.locator(":fullscreen")
    expect(whole.locator("[data-warning=low]")).to_be_visible()
    whole.get_by_role("button", name="Full screen").click()
    expect(page.get_by_role("complementary").locator("[data-warning=low]")).to_be_visible()
    student.end(session)
