"""The student's story without a mouse: what has the focus is pressed, and the next thing is a Tab away."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.pages import ACCOUNT, COUNTING, PLAYED, Visitor
from tests.support.house import House
from tests.support.people import Student

pytestmark = pytest.mark.torture

MOST_TABS = 80
NAME_OF_FOCUS = """() => {
  const here = document.activeElement;
  const label = here.labels?.[0]?.textContent;
  return (here.getAttribute("aria-label") ?? label ?? here.textContent ?? "").trim().replace(/\\s+/g, " ");
}"""
IS_SEEN = """() => {
  const here = document.activeElement;
  const places = [here.matches("input[type=radio]") ? here.nextElementSibling : here, here.closest(".card")];
  return places.some((each) => each && getComputedStyle(each).outlineStyle !== "none");
}"""


def tab_to(page: Page, name: str) -> None:
    """Go on with Tab until what is called so has the focus, which has to be seen."""
    passed = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(NAME_OF_FOCUS))
        if passed[-1].startswith(name):
            assert page.evaluate(IS_SEEN), name
            return
    raise AssertionError(f"{name} is not among {passed}")


def press(page: Page, name: str) -> None:
    """Go to what is called so and press Enter."""
    tab_to(page, name)
    page.keyboard.press("Enter")


def test_a_student_needs_no_mouse(visitor: Visitor, film_house: House, course: dict[str, Any]) -> None:
    page = visitor.page
    visitor.visit("/")
    page.keyboard.press("Tab")
    assert page.evaluate(NAME_OF_FOCUS) == "Skip to the content"
    press(page, "Join")
    page.wait_for_url("**/register")
    page.get_by_label("Name").wait_for()
    for label, word in (("Name", "name"), ("E-mail", "email"), ("Password", "password")):
        tab_to(page, label)
        page.keyboard.type((ACCOUNT | {"email": "keys@pages.example.org"})[word])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/register" not in url)

    page.get_by_role("heading", name="Courses", level=1).wait_for()
    tab_to(page, "Search")
    page.keyboard.type("interest")
    page.get_by_text("for “interest”").wait_for()
    press(page, course["title"])
    page.wait_for_url("**/courses/*")
    page.get_by_role("link", name="Watch").wait_for()
    press(page, "Watch")
    page.wait_for_url("**/watch/*")
    page.get_by_role("heading", name="Your wallet is empty").wait_for()
    press(page, "Top up")
    pay_in(page)

    page.get_by_role("heading", name="Set money aside").wait_for()
    tab_to(page, "$")
    page.keyboard.press("ArrowUp")
    press(page, "Start watching")
    page.wait_for_selector(COUNTING)
    page.wait_for_function(PLAYED, arg=3)
    page.keyboard.press("k")
    page.get_by_text("Paused: not counting").wait_for()
    page.keyboard.press("l")
    page.wait_for_function(PLAYED, arg=10)
    press(page, "Stop watching")
    page.wait_for_url("**/receipts/*")
    page.get_by_text("Settled").wait_for()


def pay_in(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    tab_to(page, "Amount")
    page.keyboard.press("Enter")
    dialog.get_by_role("link", name="Open the payment page").wait_for()
    tab_to(page, "Open the payment page")
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    press(opened.value, "Confirm the test payment")
    opened.value.get_by_text("is paid").wait_for()
    opened.value.close()
    dialog.wait_for(state="detached")


def test_escape_leaves_a_question_and_the_focus_is_where_it_was(visitor: Visitor, film_house: House) -> None:
    page = visitor.page
    visitor.sign_in(Student(film_house.url))
    visitor.visit("/wallet")
    press(page, "Top up")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    assert page.evaluate(NAME_OF_FOCUS) == "Top up"
