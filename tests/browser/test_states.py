"""What people meet when not all is as usual: no connection, no sign-in, no answer."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.pages import Visitor
from tests.support.ai import running_simulators
from tests.support.databases import SqliteFactory
from tests.support.house import HURRIED, House
from tests.support.people import Student, Teacher
from tests.support.processes import wait_until
from tests.support.valkey import private_valkey

pytestmark = pytest.mark.torture

QUARTER_OF_AN_HOUR = "15:00"


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


def test_a_sign_out_that_fails_says_so(visitor: Visitor, student: Student) -> None:
    page = visitor.page
    visitor.sign_in(student)
    page.route(
        "**/auth/logout", lambda route: route.fulfill(status=503, json={"detail": "Away.", "code": "away"})
    )
    visitor.visit("/profile")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are still signed in. Away.").wait_for()
    page.unroute("**/auth/logout")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("banner").get_by_role("link", name="Sign in").wait_for()


def test_words_that_are_sought_have_an_order_of_their_own_and_blanks_are_none(
    visitor: Visitor, course: dict[str, Any]
) -> None:
    page = visitor.page
    visitor.visit("/?q=interest&sort=price")
    page.get_by_role("link", name=course["title"]).first.wait_for()
    expect(page.get_by_label("Order")).to_be_disabled()
    expect(page.get_by_label("Order")).to_have_value("")
    page.get_by_label("Search", exact=True).fill(" ")
    page.get_by_role("heading", name=re.compile(r"\d+ courses?$")).wait_for()
    expect(page.get_by_label("Order")).to_be_enabled()
