"""The stories of a student and a teacher, told by the bundled pages in a real Chromium."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from murph.auth.browser import COOKIE
from tests.browser.pages import COUNTING, LIBRARY, NATIVE_HLS, Visitor
from tests.support.clips import Clips
from tests.support.house import House
from tests.support.people import Student

POSITION = "() => document.querySelector('video').currentTime"


def test_a_student_joins_pays_in_watches_and_gets_the_rest_back(
    visitor: Visitor, course: dict[str, Any]
) -> None:
    page = visitor.page
    visitor.join("student")
    page.get_by_label("Search", exact=True).fill("interest")
    page.get_by_role("link", name=course["title"]).first.click()
    page.get_by_role("link", name="Watch").click()
    page.get_by_role("button", name="Top up").click()
    visitor.pay_in("10.00")
    page.get_by_role("button", name="Start watching").click()
    page.wait_for_selector(COUNTING)
    page.wait_for_function("() => document.querySelector('video').currentTime > 3")
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused: not counting").wait_for()
    page.get_by_role("button", name="Stop watching").click()
    page.wait_for_url("**/receipts/*")
    page.get_by_text("Settled").wait_for()
    expect(page.locator(".timeline .seen").first).to_be_visible()
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert cookies[COOKIE]["httpOnly"]
    assert cookies[COOKIE]["sameSite"] == "Strict"
    assert COOKIE not in page.evaluate("() => document.cookie + JSON.stringify(localStorage)")
    page.get_by_role("link", name="Wallet").click()
    expect(page.get_by_role("link", name="Watched, out of what was set aside")).to_be_visible()


def test_the_end_of_the_money_stops_the_picture_and_the_receipt_is_that_of_the_books(
    visitor: Visitor, film_house: House, course: dict[str, Any]
) -> None:
    student = Student(film_house.url)
    visitor.sign_in(student)
    session = student.start(course, locked_amount="0.10")  # 6 s
    visitor.visit(f"/watch/{course['id']}")
    visitor.page.get_by_role("button", name="Play").first.click()
    visitor.page.get_by_role("heading", name="The money set aside is used up.").wait_for()
    assert visitor.page.evaluate("() => document.querySelector('video').readyState") == 0
    receipt = student.settled(session)
    visitor.page.get_by_role("link", name="See the receipt").click()
    shown = visitor.page.wait_for_selector("[data-cost]")
    assert shown is not None
    assert shown.get_attribute("data-cost") == receipt["cost"] == "0.10"
    visitor.page.wait_for_selector("[data-agrees=true]")
    books = visitor.page.get_by_role("region", name="In the books")
    assert books.locator("li b").all_inner_texts() == ["−$0.10", "$0.10"]
    moved = student.get(f"/payments/transactions?from={session['started_at']}")["items"]
    assert {(each["type"], each["amount"]) for each in moved} == {("lock", "0.10"), ("payment", "0.10")}
    paid = film_house.rows(
        "SELECT captured_minor FROM hold WHERE purpose = 'session' AND ref = :id", id=session["id"]
    )
    assert [list(row) for row in paid] == [[10]]


def test_a_teacher_offers_a_course(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor.page
    visitor.join("teacher", email="grace@pages.example.org", name="Grace Hopper")
    page.get_by_role("button", name="New course").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Compilers by hand")
    dialog.get_by_label("What one learns").fill("How words become machines.")
    dialog.get_by_label("Price a minute").fill("0.50")
    dialog.get_by_role("button", name="Create the draft").click()
    page.wait_for_url("**/teach/courses/*")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert").filter(has_text="video")).to_be_visible()
    page.get_by_label("File", exact=True).set_input_files(Clips(tmp_path).lesson())
    page.get_by_role("button", name="Upload").click()
    page.get_by_text("Ready", exact=True).wait_for(timeout=60_000)
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("published").wait_for()
    page.get_by_role("link", name="Teacher's desk").click()
    expect(page.get_by_role("link", name="Compilers by hand")).to_be_visible()


@pytest.mark.parametrize(
    "by_itself",
    [
        pytest.param(False, id="with the library"),
        pytest.param(True, id="without it", marks=pytest.mark.torture),
    ],
)
def test_a_killed_server_is_survived(
    visitor: Visitor, film_house: House, course: dict[str, Any], *, by_itself: bool
) -> None:
    page, student = visitor.page, Student(film_house.url)
    visitor.sign_in(student)
    if by_itself:
        page.route(LIBRARY, lambda route: route.abort())
        if not page.evaluate(NATIVE_HLS):
            pytest.skip("this Chromium plays no HLS by itself")
    session = student.start(course)
    visitor.play(f"/watch/{course['id']}")
    film_house.web.kill_family()
    page.wait_for_selector("[data-state=lost]")
    before = page.evaluate(POSITION)
    if by_itself:
        page.get_by_text("The picture goes on when it is back").wait_for()
    film_house.start_web()
    page.wait_for_selector(COUNTING)
    page.wait_for_function(f"() => document.querySelector('video').currentTime > {before} + 3")
    page.get_by_role("button", name="Stop watching").click()
    page.wait_for_url("**/receipts/*")
    assert student.settled(session)["end_reason"] == "user"
    visitor.complaints = [said for said in visitor.complaints if "WebSocket" not in said]


def test_of_two_tabs_the_second_watches_and_the_first_says_so(
    visitor: Visitor, film_house: House, course: dict[str, Any]
) -> None:
    page, student = visitor.page, Student(film_house.url)
    visitor.sign_in(student)
    student.start(course)
    for tab in (page, visitor.new_tab()):
        tab.goto(f"/watch/{course['id']}")
        tab.get_by_role("button", name="Play").first.click()
        tab.wait_for_selector(COUNTING)
    page.get_by_text("Counting elsewhere").wait_for()
    position = page.evaluate(POSITION)
    page.wait_for_timeout(1_500)
    assert page.evaluate(POSITION) == position
    page.get_by_role("button", name="Watch here instead").click()
    page.wait_for_selector(COUNTING)
    tab.get_by_text("Counting elsewhere").wait_for()


@pytest.mark.torture
def test_tabs_that_open_at_once_all_stay_signed_in(visitor: Visitor, film_house: House) -> None:
    visitor.sign_in(Student(film_house.url))
    tabs = [visitor.new_tab() for _ in range(4)]
    for tab in tabs:
        tab.goto("/wallet", wait_until="commit")
    for tab in tabs:
        tab.get_by_role("heading", name="Wallet").wait_for()


@pytest.mark.torture
def test_signing_out_in_one_tab_is_seen_in_the_other(visitor: Visitor, film_house: House) -> None:
    visitor.sign_in(Student(film_house.url))
    other = visitor.new_tab()
    other.goto("/wallet")
    other.get_by_role("heading", name="Wallet").wait_for()
    visitor.sign_out()
    other.wait_for_url("**/login?next=%2Fwallet")
