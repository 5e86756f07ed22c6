"""The profile's page hands out what is held about somebody, and lets them have it forgotten."""

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.pages import ACCOUNT, Visitor
from tests.support.people import PASSWORD, Student


def test_everything_held_about_oneself_is_saved_as_one_file(visitor: Visitor, student: Student) -> None:
    page = visitor.page
    visitor.sign_in(student)
    visitor.visit("/profile")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save all of it").click()
    assert saving.value.suggested_filename == "murph-export.json"
    held = json.loads(Path(saving.value.path()).read_text())
    assert held["account"][0]["email"] == student.email
    assert held["movements"]


def test_an_account_with_money_is_not_deleted_and_says_why(visitor: Visitor, student: Student) -> None:
    page = visitor.page
    visitor.sign_in(student)
    visitor.visit("/profile")
    page.get_by_role("button", name="Delete the account").click()
    asked = page.get_by_role("dialog")
    asked.get_by_role("button", name="Delete it for ever").click()
    expect(asked.get_by_label("Your password")).to_have_attribute("aria-invalid", "true")
    asked.get_by_label("Your password").fill(PASSWORD)
    asked.get_by_role("button", name="Delete it for ever").click()
    expect(asked.get_by_role("alert")).to_contain_text("money")
    visitor.visit("/wallet")
    page.get_by_text("$100.00").first.wait_for()


def test_an_account_is_deleted_with_its_password_and_nobody_is_signed_in_any_more(visitor: Visitor) -> None:
    page = visitor.page
    someone = {"email": "leaving@pages.example.org"}
    visitor.join("student", **someone)
    visitor.visit("/profile")
    page.get_by_role("button", name="Delete the account").click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("Your password").fill("not the password")
    asked.get_by_role("button", name="Delete it for ever").click()
    expect(asked.get_by_role("alert")).to_contain_text("password")
    asked.get_by_label("Your password").fill(ACCOUNT["password"])
    asked.get_by_role("button", name="Delete it for ever").click()
    page.get_by_role("banner").get_by_role("link", name="Sign in").wait_for()
    page.reload()
    page.get_by_role("banner").get_by_role("link", name="Sign in").wait_for()
    visitor.join("student", **someone)  # the address is free again
