"""People who use the bundled pages as they are: by what stands on buttons and labels."""

from typing import Any

from playwright.sync_api import Browser, Page

from tests.support.house import House
from tests.support.people import PASSWORD, Person

WITHIN_MS = 20_000
PLAYED = "(seconds) => document.querySelector('video')?.currentTime > seconds"
COUNTING = "[data-state=counting]"
LIBRARY = "**/vendor/**"
NATIVE_HLS = "() => document.createElement('video').canPlayType('application/vnd.apple.mpegurl') !== ''"
ACCOUNT = {"name": "Ada Lovelace", "email": "ada@pages.example.org", "password": PASSWORD}


class Visitor:
    """Somebody in front of a browser, who notices when a page complains."""

    def __init__(self, browser: Browser, house: House, *, name: str = "", **context: Any) -> None:
        self.name = name
        self._context = browser.new_context(base_url=house.url, reduced_motion="reduce", **context)
        self._context.set_default_timeout(WITHIN_MS)
        self.complaints: list[str] = []
        self.page = self.new_tab()

    def new_tab(self) -> Page:
        """Open another tab of the same browser."""
        page = self._context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self._note(said.text) if said.type == "error" else None)
        return page

    def _note(self, text: str) -> None:
        # Answers of 4xx are written there as well: keys that have to wait, and what is no longer there.
        if "Failed to load resource" not in text:
            self.complaints.append(text)

    def visit(self, address: str) -> None:
        """Go to an address and wait until it is filled."""
        self.page.goto(address)
        self.page.wait_for_selector("#view:not([aria-busy])")

    def look(self, address: str) -> None:
        """Go to an address and wait until nothing more arrives."""
        self.page.goto(address)
        self.page.wait_for_selector("main:not(:has([aria-busy]))")
        self.page.wait_for_load_state("networkidle")

    def play(self, address: str) -> None:
        """Go to a player's page whose session runs, and play until the meter counts."""
        self.visit(address)
        self.page.get_by_role("button", name="Play").first.click()
        self.page.wait_for_selector(COUNTING)

    def sign_out(self) -> None:
        """Sign out on the profile's page."""
        self.visit("/profile")
        self.page.get_by_role("button", name="Sign out").click()
        self.page.get_by_role("banner").get_by_role("link", name="Sign in").wait_for()

    def join(self, user_type: str, **account: str) -> None:
        """Create an account on the page for it."""
        self.visit("/register")
        self.page.check(f"input[value={user_type}]", force=True)
        for label, name in (("Name", "name"), ("E-mail", "email"), ("Password", "password")):
            self.page.get_by_label(label, exact=True).fill((ACCOUNT | account)[name])
        self.page.get_by_role("button", name="Create the account").click()
        self.page.wait_for_url(lambda url: "/register" not in url)

    def sign_in(self, person: Person) -> None:
        """Sign in as somebody who has an account."""
        self.visit("/login")
        self.fill_sign_in(person)
        self.page.wait_for_url(lambda url: "/login" not in url)

    def fill_sign_in(self, person: Person) -> None:
        """Fill the form for it, which is there."""
        self.page.get_by_label("E-mail").fill(person.email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()

    def pay_in(self, amount: str) -> None:
        """Answer the question for an amount, and confirm it on the sandbox's page."""
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label("Amount").fill(amount)
        dialog.get_by_role("button", name="Continue").click()
        with self._context.expect_page() as opened:
            dialog.get_by_role("link", name="Open the payment page").click()
        opened.value.get_by_role("button", name="Confirm the test payment").click()
        opened.value.get_by_text("is paid").wait_for()
        dialog.wait_for(state="detached")
        opened.value.close()

    def close(self) -> None:
        """Leave, if no page has complained."""
        self._context.close()
        assert self.complaints == [], self.complaints
