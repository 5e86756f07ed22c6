"""How the launcher keeps its children: restarts, ends, and what it shows of them."""

import signal
import sys
import time
from collections.abc import Iterator

import pytest

from murph.demo import launcher_children
from murph.demo.launcher_children import Child, Household, LauncherError, Stopped
from murph.demo.launcher_screen import Screen

IGNORES_SIGTERM = "trap '' TERM; echo up; while true; do sleep 0.1; done"


@pytest.fixture
def household(monkeypatch: pytest.MonkeyPatch) -> Iterator[Household]:
    monkeypatch.setattr(launcher_children, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(launcher_children, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(launcher_children, "GRACE_S", 0.3)
    handlers = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    household = Household({"PATH": "/usr/bin:/bin"}, Screen())
    yield household
    household.end()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_a_child_that_keeps_ending_is_restarted_five_times_and_then_left(
    household: Household, capsys: pytest.CaptureFixture[str]
) -> None:
    child = Child("worker", ["/bin/sh", "-c", "echo once more; exit 3"])
    household.keep(child)
    household.wait_until(lambda: child.process is None and child.restart_at is None, within_s=20)
    shown = capsys.readouterr().err
    assert shown.count("worker | once more\n") == 6
    assert shown.count("worker ended unexpectedly with code 3") == 6
    assert "going on without it" in shown


def test_a_child_that_ran_steadily_is_forgiven_its_earlier_ends(
    household: Household, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(launcher_children, "STEADY_AFTER_S", 0)
    child = Child("worker", ["/bin/sh", "-c", "exit 3"], restarts=5)
    household.keep(child)
    household.wait_until(lambda: child.restart_at is not None, within_s=5)
    assert "restart 1 of 5" in capsys.readouterr().err


def test_everything_ends_when_the_web_server_cannot_stay_up(household: Household) -> None:
    other = Child("clock", ["/bin/sleep", "60"])
    household.keep(other)
    household.keep(Child("web", ["/bin/sh", "-c", "kill -9 $$"], is_essential=True))
    with pytest.raises(LauncherError, match="web ended unexpectedly with SIGKILL"):
        household.wait_until(lambda: False, within_s=5)
    household.end()
    assert not other.is_running


def test_a_child_that_ignores_the_wish_to_end_is_killed(
    household: Household, capsys: pytest.CaptureFixture[str]
) -> None:
    stubborn = Child("worker", ["/bin/sh", "-c", IGNORES_SIGTERM])
    household.keep(stubborn)
    household.wait_until(lambda: "up" in capsys.readouterr().err, within_s=5)
    household.end()
    assert stubborn.process is not None
    assert stubborn.process.returncode == -signal.SIGKILL


def test_asking_twice_for_the_end_does_not_wait(
    household: Household, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(launcher_children, "GRACE_S", 60)
    household.listen_for_signals()
    household.keep(Child("worker", ["/bin/sh", "-c", IGNORES_SIGTERM]))
    household.wait_until(lambda: "up" in capsys.readouterr().err, within_s=5)
    for _ in range(2):
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(Stopped):
        household.wait_until(lambda: False)
    began = time.monotonic()
    household.end()
    assert time.monotonic() - began < 10


def test_what_serves_the_others_ends_last(household: Household, capsys: pytest.CaptureFixture[str]) -> None:
    tells = "trap 'echo bye; exit' TERM; echo up; while true; do sleep 0.01; done"
    household.keep(Child("valkey", ["/bin/sh", "-c", tells], serves_the_others=True))
    household.keep(Child("clock", ["/bin/sh", "-c", tells]))
    shown = ""

    def both_are_up() -> bool:
        nonlocal shown
        shown += capsys.readouterr().err
        return shown.count("up") == 2

    household.wait_until(both_are_up, within_s=5)
    household.end()
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["clock  | bye", "valkey | bye"]


def test_a_command_returns_its_output_and_shows_its_log(
    household: Household, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        household.run("Trying", ["/bin/sh", "-c", "echo '{}'; echo working >&2; printf last >&2"]) == "{}\n"
    )
    assert capsys.readouterr().err == "setup  | working\nsetup  | last\n"


def test_a_command_that_fails_is_named_with_its_code(household: Household) -> None:
    with pytest.raises(LauncherError, match="Trying failed with code 7"):
        household.run("Trying", [sys.executable, "-c", "raise SystemExit(7)"])


def test_waiting_ends_when_the_time_is_over(household: Household) -> None:
    with pytest.raises(LauncherError, match="did not come up"):
        household.wait_until(lambda: False, within_s=0)
