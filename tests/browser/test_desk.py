"""What a teacher does beside publishing, and what is said about a course, in a real Chromium."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import CAPTIONS, send_video
from tests.browser.pages import PLAYED, Visitor
from tests.support.clips import Clips
from tests.support.house import House
from tests.support.people import Student, Teacher

pytestmark = pytest.mark.torture

ACCOUNT = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


@dataclass
class Sold:
    """A course that somebody has watched for a second and paid."""

    teacher: Teacher
    student: Student
    course: dict[str, Any]
    session: dict[str, Any]


@pytest.fixture
def sold(film_house: House) -> Sold:
    teacher, student = Teacher(film_house.url), Student(film_house.url)
    course = teacher.publish(price="60.00")
    session = student.start(course, locked_amount="20.00")
    player = student.play(session)
    player.watch(1.5)
    player.leave()
    student.end(session)
    student.settled(session)
    return Sold(teacher, student, course, session)


def test_videos_get_captions_and_change_places(visitor: Visitor, film_house: House, tmp_path: Path) -> None:
    page, teacher = visitor.page, Teacher(film_house.url)
    about = {"title": "Two films", "description": "In order.", "category": "Science"}
    course = teacher.post("/courses", about | {"price_per_minute": "1.00"}, status=201)
    send_video(film_house.url, course["id"], teacher, Clips(tmp_path).lesson(), title="First")
    visitor.sign_in(teacher)
    visitor.visit(f"/teach/courses/{course['id']}")
    page.get_by_text("Add a video of another site").click()
    there = page.get_by_role("group").filter(has_text="Add a video of another site")
    there.get_by_label("Title").fill("Second")
    there.get_by_label("Address").fill("https://videos.example.org/v.mp4")
    there.get_by_label("Length").fill("1:30")
    there.get_by_role("button", name="Add").click()
    page.get_by_text("Ready", exact=True).nth(1).wait_for(timeout=60_000)
    page.get_by_role("button", name="Look at it: First").click()
    page.wait_for_function(PLAYED, arg=0.5)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Captions: First").click()
    dialog = page.get_by_role("dialog")
    captions = {"name": "en.vtt", "mimeType": "text/vtt", "buffer": CAPTIONS.encode()}
    dialog.get_by_label("WebVTT or SubRip file").set_input_files(captions)  # type: ignore[arg-type]
    dialog.get_by_role("button", name="Upload").click()
    page.get_by_text("English").wait_for()
    page.get_by_role("button", name="Rename: First").click()
    dialog.get_by_label("Title").fill("The first")
    dialog.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Move up: Second").click()
    page.get_by_role("button", name="Move up: The first").wait_for()
    videos = teacher.get(f"/courses/{course['id']}/videos")["items"]
    assert [video["title"] for video in videos] == ["Second", "The first"]
    assert videos[0]["duration_seconds"] == 90
    assert [each["language"] for each in videos[1]["captions"]] == ["en"]
    page.get_by_role("button", name="Lectures: Second").click()
    written = dialog.get_by_label("Lectures", exact=True)
    written.fill("Where it begins")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("does not begin with a time")
    written.fill("0:00-0:20.5 Introduction\n\n0:30 The rest")
    dialog.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    told = teacher.get(f"/courses/{course['id']}")["lectures"]
    stretches = [(each["title"], each["video_timestamp_start"], each["video_timestamp_end"]) for each in told]
    assert stretches == [("Introduction", 0, 20.5), ("The rest", 30, 90)]
    page.get_by_role("button", name="Lectures: Second").click()
    expect(written).to_have_value("0:00-0:20.5 Introduction\n0:30 The rest")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Captions: The first").click()
    dialog.get_by_role("button", name="Remove English").click()
    expect(page.get_by_text("English")).to_have_count(0)
    assert teacher.get(f"/courses/{course['id']}/videos")["items"][1]["captions"] == []
    page.get_by_role("button", name="Remove: Second").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove it").click()
    page.get_by_role("button", name="Remove: Second").wait_for(state="detached")


def test_a_course_that_was_watched_is_archived_and_keeps_its_receipts(visitor: Visitor, sold: Sold) -> None:
    page = visitor.page
    visitor.sign_in(sold.teacher)
    visitor.visit(f"/teach/courses/{sold.course['id']}")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete it").click()
    page.wait_for_url("**/teach")
    assert sold.teacher.get(f"/courses/{sold.course['id']}")["status"] == "archived"
    visitor.visit(f"/teach/courses/{sold.course['id']}")
    expect(page.get_by_text("archived")).to_be_visible()
    expect(page.get_by_role("button", name="Publish")).to_have_count(0)
    assert sold.student.get(f"/sessions/{sold.session['id']}/receipt")["cost"] != "0.00"


def test_what_was_earned_is_shown_kept_and_paid_out(visitor: Visitor, sold: Sold) -> None:
    page, teacher = visitor.page, sold.teacher
    teacher.ask("PUT", "/auth/me", {"wallet_address": ACCOUNT})
    earned = teacher.balance["earned"]
    visitor.sign_in(teacher)
    earnings = page.get_by_role("region", name="Net earnings")
    for way in ("week", "month", "course"):
        earnings.get_by_label("Put together").select_option(way)
        expect(earnings.get_by_text(f"${earned}").first).to_be_attached()
    with page.expect_download() as saved:
        earnings.get_by_role("button", name="As a table").click()
    table = Path(saved.value.path()).read_text().splitlines()
    assert saved.value.suggested_filename == "murph-earnings.csv"
    assert [line.count(earned) for line in table] == [0, 1]
    payouts = page.get_by_role("region", name="Payouts")
    payouts.get_by_role("button", name="Pay out").click()
    payouts.get_by_text("pending").wait_for()
    assert teacher.balance["payout_pending"] == earned


def test_a_review_is_written_changed_answered_reported_and_taken_back(
    visitor: Visitor, sold: Sold, film_house: House
) -> None:
    page, address = visitor.page, f"/courses/{sold.course['id']}"
    visitor.sign_in(sold.student)
    visitor.visit(f"/receipts/{sold.session['id']}")
    page.get_by_label("4 ★").check(force=True)
    page.get_by_label("What would you tell others?").fill("Clear as water.")
    page.get_by_role("button", name="Send the review").click()
    page.get_by_role("link", name="See it with the others").click()
    reviews = page.get_by_role("region", name="Reviews")
    reviews.get_by_text("Yours").wait_for()
    reviews.get_by_role("button", name="Change").click()
    page.get_by_role("dialog").get_by_label("What would you tell others?").fill("Clear as ice.")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    reviews.get_by_text("Clear as ice.").wait_for()
    visitor.sign_out()

    visitor.sign_in(sold.teacher)
    page.get_by_role("button", name="Answer").click()
    page.get_by_label("Your answer").fill("Thank you.")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Thank you.").wait_for()
    visitor.sign_out()

    visitor.sign_in(Student(film_house.url))
    visitor.visit(address)
    reviews.get_by_text("Thank you.").wait_for()
    reviews.get_by_role("button", name="Report").click()
    page.get_by_role("button", name="Report it").click()
    page.get_by_text("An administrator looks at it.").wait_for()
    visitor.sign_out()

    visitor.sign_in(sold.teacher)
    page.get_by_role("button", name="Take it back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    page.get_by_role("button", name="Answer").wait_for()
    assert sold.student.get(f"{address}/reviews")["items"][0]["reply"] is None
    visitor.sign_out()

    visitor.sign_in(sold.student)
    visitor.visit(address)
    reviews.get_by_role("button", name="Take back").click()
    page.get_by_role("button", name="Take it back").click()
    reviews.get_by_text("Clear as ice.").wait_for(state="detached")
    assert not sold.student.get(f"{address}/reviews")["items"]


def test_what_moved_in_a_wallet_is_kept_as_a_table(visitor: Visitor, sold: Sold) -> None:
    page = visitor.page
    visitor.sign_in(sold.student)
    visitor.visit("/wallet")
    with page.expect_download() as saved:
        page.get_by_role("button", name="As a table").click()
    lines = Path(saved.value.path()).read_text().splitlines()
    moved = sold.student.get("/payments/transactions")["items"]
    assert [line.split(",")[0] for line in lines[1:]] == [each["id"] for each in moved]
    assert [each["type"] for each in moved] == ["refund", "payment", "lock", "topup"]
