"""What people meet when not all is as usual: no connection, no sign-in, no library, no picture of ours."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, WebSocketRoute, expect

from tests.browser.conftest import FILM
from tests.browser.pages import COUNTING, PLAYED, Visitor
from tests.support.ai import running_simulators
from tests.support.databases import SqliteFactory
from tests.support.house import HURRIED, House
from tests.support.people import Student, Teacher
from tests.support.processes import wait_until
from tests.support.valkey import private_valkey

pytestmark = pytest.mark.torture

QUARTER_OF_AN_HOUR = "15:00"
NATIVE_HLS = "() => document.createElement('video').canPlayType('application/vnd.apple.mpegurl') !== ''"
LIBRARY = "**/vendor/**"
LESSON = "https://video.example.org/watch?v=1"


@pytest.fixture
def student(film_house: House) -> Student:
    return Student(film_house.url)


@pytest.fixture(scope="module")
def asking(
    sqlite_factory: SqliteFactory, tmp_path_factory: pytest.TempPathFactory, chromium: Browser
) -> Iterator[Visitor]:
    """Somebody at a house that asks a model, which thinks for a while."""
    folder = tmp_path_factory.mktemp("asking-house")
    with running_simulators(folder) as simulators, private_valkey() as valkey:
        simulators.behave("gemini", "slow", latency_s=1)
        settings = HURRIED | simulators.settings("gemini")
        with House(sqlite_factory.fresh(folder), valkey, folder, **settings) as house:
            Teacher(house.url).publish()
            visitor, student = Visitor(chromium, house), Student(house.url)
            house.ring("discovery.index_due")
            found = "/discovery/search?q=compound+interest"
            wait_until(lambda: student.get(found)["items"], within_s=30, what="the index")
            visitor.sign_in(student)
            yield visitor
            visitor.close()


def test_what_a_model_says_follows_what_was_found(asking: Visitor) -> None:
    page = asking.page
    asking.visit("/")
    page.get_by_text("Ask the guide").click()
    page.get_by_label("What would you like to learn?").fill("compound interest")
    page.get_by_role("button", name="Ask").click()
    talk = page.get_by_role("log")
    talk.get_by_text("Looking more closely").wait_for()
    expect(talk.get_by_role("link", name="Compound interest")).to_be_visible()
    talk.get_by_text("Explained by Gemini").wait_for()
    expect(talk.get_by_role("link", name="Compound interest")).to_be_visible()


def test_without_a_stream_the_answer_is_asked_for(asking: Visitor) -> None:
    page = asking.page
    page.route("**/events", lambda route: route.abort())
    asking.visit("/")
    page.get_by_text("Ask the guide").click()
    page.get_by_role("button", name="I want to learn how compound interest works").click()
    page.get_by_role("log").get_by_text("Explained by Gemini").wait_for()


def test_a_sign_in_that_ran_out_is_renewed_in_silence(visitor: Visitor, student: Student) -> None:
    page = visitor.page
    renewals: list[str] = []
    page.on("request", lambda asked: renewals.append(asked.url) if "/auth/refresh" in asked.url else None)
    visitor.sign_in(student)
    page.clock.install()
    visitor.visit("/wallet")
    before = len(renewals)
    page.clock.fast_forward(QUARTER_OF_AN_HOUR)
    page.get_by_label("Which movements").select_option("topup")
    page.get_by_role("listitem").filter(has_text="Top-up").wait_for()
    assert len(renewals) == before + 1


def test_when_a_sign_in_is_over_one_signs_in_again_and_is_back(visitor: Visitor, student: Student) -> None:
    page = visitor.page
    visitor.sign_in(student)
    page.clock.install()
    visitor.visit("/wallet")
    page.context.clear_cookies()
    page.clock.fast_forward(QUARTER_OF_AN_HOUR)
    page.get_by_label("Which movements").select_option("topup")
    page.get_by_role("heading", name="You have been signed out").wait_for()
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.wait_for_url("**/login?next=%2Fwallet")
    visitor.fill_sign_in(student)
    page.wait_for_url("**/wallet")
    visitor.complaints = [said for said in visitor.complaints if "Sign in" not in said]


def test_without_a_connection_there_is_a_way_on(visitor: Visitor, student: Student) -> None:
    page = visitor.page
    visitor.sign_in(student)
    visitor.visit("/wallet")
    page.context.set_offline(True)
    page.get_by_text("You are offline").wait_for()
    page.get_by_label("Which movements").select_option("topup")
    page.get_by_role("heading", name="No connection").wait_for()
    page.context.set_offline(False)
    page.get_by_text("You are online again").wait_for()
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("listitem").filter(has_text="Top-up").wait_for()
    visitor.complaints = [said for said in visitor.complaints if "cannot be reached" not in said]


def test_what_fails_says_which_request_it_was(visitor: Visitor, student: Student) -> None:
    page = visitor.page
    problem = {"title": "Internal error", "detail": "It is our fault.", "code": "internal_error"}
    visitor.sign_in(student)
    page.route(
        "**/wallet/balance", lambda route: route.fulfill(status=500, json=problem | {"request_id": "r-1"})
    )
    visitor.visit("/wallet")
    expect(page.get_by_text("It is our fault. (Request r-1)").first).to_be_visible()
    page.unroute("**/wallet/balance")
    page.get_by_role("button", name="Try again").first.click()
    page.get_by_text("$100.00").first.wait_for()
    visitor.complaints = [said for said in visitor.complaints if "our fault" not in said]


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
