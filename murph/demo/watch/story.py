"""The story: top up, find a course, watch it with a pause and a lost connection, and read the receipt."""

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from urllib.parse import urljoin

from murph.core import money
from murph.demo.watch.api import Api, Document, Refused, WatchError, minor
from murph.demo.watch.player import Player
from murph.demo.watch.screen import Screen, Terms
from murph.gateways.payment.port import SANDBOX

TOP_UP_MAJOR, LOCK_MAJOR = 20, 30
SEARCH = "compound interest"
FIRST_BYTES, KEY_BYTES = 1024, 16
_KEY = re.compile(r'#EXT-X-KEY:METHOD=AES-128,URI="([^"]+)"')
LONGEST_PAUSE_S = 3.0
UNREPORTED_S = 0.4
"""How long the player goes on, unheard, before its connection breaks; the student is not charged for it."""
FORGIVEN_S = 2.5
"""How much less than the player's own watch may be billed: what was unheard, and a part of a second."""
SETTLED_WITHIN_S = 30
NO_SANDBOX = (
    "The demo pays with the sandbox's test money, and another payment gateway is set. Remove "
    "FINTERNET_API_URL, FINTERNET_API_KEY and FINTERNET_WEBHOOK_SECRET from .env and the environment, and "
    "start Murph again."
)


@dataclass
class Story:
    """One evening of one student; `agreed` tells whether everything came out as it should."""

    api: Api
    screen: Screen
    seconds: float
    currency: str = ""
    agreed: bool = True

    def play(self, *, email: str, password: str) -> bool:
        """Play it from signing in to the verified ledger and return whether everything agreed."""
        user = self.api.sign_in(email, password)
        self.screen.step(f"Signed in as {user['name']} ({user['email']}).")
        self._end_leftover()
        self._top_up()
        found = self._find_course()
        balance = self._balance()
        receipt = self._watch(found)
        self.screen.receipt(receipt)
        self._compare_money(receipt, balance_before=balance)
        self._verify_ledger()
        return self.agreed

    def _check(self, agrees: bool, text: str) -> None:
        self.agreed = self.agreed and agrees
        self.screen.finding(text, agrees=agrees)

    # --- before -------------------------------------------------------------------------------------

    def _end_leftover(self) -> None:
        try:
            left = self.api.get("/sessions/active")
        except Refused as refusal:
            if refusal.code == "no_active_session":
                return
            raise
        self.screen.step(f"A session on {left['course_title']} was still live: ending it first.")
        self._end(left["id"])
        self._settled_receipt(left["id"])

    def _top_up(self) -> None:
        before = self.api.get("/payments/wallet/balance")
        self.currency = before["currency"]
        asked = self.api.post("/payments/topups", {"amount": self._amount(TOP_UP_MAJOR)})
        if asked["gateway"] != SANDBOX:
            raise WatchError(NO_SANDBOX)
        paid = self.api.confirm_payment(asked["payment_url"])
        after = self._balance()
        self.screen.step(
            f"Topped up {paid['amount']} of sandbox money: {before['available']} -> {after} {self.currency}."
        )
        self._check(
            self._minor(after) - self._minor(before["available"]) == self._minor(paid["amount"]),
            "the balance rose by exactly the top-up",
        )

    def _find_course(self) -> Document:
        found = self.api.get("/courses", q=SEARCH)["items"]
        if not found:
            raise WatchError(f"No course is about {SEARCH}. Seed the demo with: flask demo seed")
        course: Document = self.api.get(f"/courses/{found[0]['id']}")
        self.screen.step(
            f'Found "{course["title"]}" by {course["teacher_name"]}, '
            f"{course['price_per_minute']} {self.currency} a minute."
        )
        return course

    # --- watching -----------------------------------------------------------------------------------

    def _watch(self, course: Document) -> Document:
        """Run a session on the course; whatever happens, it is ended. Return the settled receipt."""
        lock = self._amount(LOCK_MAJOR)
        session = self.api.post("/sessions/start", {"course_id": course["id"], "locked_amount": lock})
        is_over = False
        try:
            self.screen.step(
                f"Started a session: {session['locked_amount']} {self.currency} locked, enough for "
                f"{session['seconds_affordable']} s."
            )
            playback = self._open_video(course)
            self._use_player(session, course)
            is_over = True
        finally:
            if not is_over:
                self._end(session["id"])
        self._compare_playback(playback)
        return self._settled_receipt(session["id"])

    def _open_video(self, course: Document) -> str:
        """Ask for all of the video and return the address of its beginning."""
        path = f"/courses/{course['id']}/videos/{course['videos'][0]['id']}/url"
        found = self.api.get(path)
        url = str(found["url"])
        if found["type"] != "hls":  # the server has no ffmpeg
            first = self.api.first_bytes(url, count=FIRST_BYTES)
            self._check(first.status_code == 206, "the video plays: its first KiB came as asked for")
            return url
        keys = [urljoin(url, name) for name in _KEY.findall(self.api.fetch(url).text)]
        answers = [self.api.fetch(key) for key in keys]
        given = sum(answer.is_success for answer in answers)
        is_key = answers[0].is_success and len(answers[0].content) == KEY_BYTES
        self._check(is_key, "the video plays: the key of its first part was given")
        self.screen.step(f"{given} of {len(keys)} parts are given out now, the rest as it is paid for.")
        return str(keys[0])

    def _compare_playback(self, url: str) -> None:
        status = self.api.first_bytes(url, count=FIRST_BYTES).status_code
        self._check(status == 403, "the video's address stopped working with the session")

    def _use_player(self, session: Document, course: Document) -> None:
        terms = Terms(course["title"], session["price_per_minute"], self.currency, self._balance())
        self.screen.heading(f"Watching for {self.seconds:g} s")
        with self.screen.meter(terms) as show:
            player = Player(session["ws_url"], self.api.token, show)
            player.connect()
            player.play(self.seconds / 2)
            self._pause(player)
            player.play(self.seconds / 4)
            self._lose_connection(player)
            player.play(self.seconds / 4 - UNREPORTED_S)
            receipt = player.end()
        self._compare_time(receipt["used_seconds"], player.watched_s)

    def _pause(self, player: Player) -> None:
        before, pause_s = player.standing.used_seconds, min(LONGEST_PAUSE_S, self.seconds / 4)
        self.screen.step(f"Pausing for {pause_s:g} s.")
        player.pause(pause_s)
        stood_still = player.standing.used_seconds == before
        self._check(stood_still, f"the meter stood still at {before} s through the pause")

    def _lose_connection(self, player: Player) -> None:
        before, epoch = player.standing.used_seconds, player.standing.epoch
        player.play_unreported(UNREPORTED_S)
        player.lose_connection()
        self.screen.step("The connection broke without a goodbye. Connecting again.")
        player.connect()
        after = player.standing
        goes_on = after.used_seconds == before and after.epoch == epoch + 1
        self._check(goes_on, f"connection no. {after.epoch} goes on from the durable {after.used_seconds} s")

    def _compare_time(self, used_s: int, watched_s: float) -> None:
        self._check(
            watched_s - FORGIVEN_S <= used_s <= watched_s,
            f"billed {used_s} s of the {watched_s:.1f} s that the player counted, never more",
        )

    # --- after --------------------------------------------------------------------------------------

    def _compare_money(self, receipt: Document, *, balance_before: str) -> None:
        used, price = receipt["used_seconds"], receipt["price_per_minute"]
        due = used * self._minor(price) // 60
        cost = self._minor(receipt["cost"])
        if receipt["status"] == "cancelled":
            self._check(cost == 0, "this short first session was the free preview of the course")
        else:
            due_text = money.to_text(due, self.currency)
            self._check(cost == due, f"the cost is {used} s x {price} / 60, rounded down: {due_text}")
        given_back = self._minor(receipt["locked_amount"]) - cost
        self._check(self._minor(receipt["refunded"]) == given_back, "the rest of the lock came back")
        after = self._balance()
        self._check(
            self._minor(balance_before) - self._minor(after) == cost,
            f"the balance fell by exactly the cost: {balance_before} -> {after} {self.currency}",
        )

    def _verify_ledger(self) -> None:
        self.screen.heading("flask ledger verify")
        ended = subprocess.run([sys.executable, "-m", "flask", "ledger", "verify"], check=False)
        self._check(ended.returncode == 0, "the ledger holds all its invariants")

    def _settled_receipt(self, session_id: str) -> Document:
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while time.monotonic() < deadline:
            receipt = self.api.get(f"/sessions/{session_id}/receipt")
            if receipt["settled_at"]:
                return receipt
            time.sleep(0.2)
        raise WatchError(f"Not settled within {SETTLED_WITHIN_S} s. Is a worker running? Start: flask worker")

    def _end(self, session_id: str) -> None:
        receipt = self.api.post(f"/sessions/{session_id}/end")
        self.screen.step(
            f"Session ended after {receipt['used_seconds']} s: {receipt['cost']} {receipt['currency']}."
        )

    def _balance(self) -> str:
        available: str = self.api.get("/payments/wallet/balance")["available"]
        return available

    def _minor(self, amount: str) -> int:
        return minor(amount, self.currency)

    def _amount(self, major: int) -> str:
        return money.to_text(major * 10 ** money.places(self.currency), self.currency)
