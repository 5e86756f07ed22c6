"""When a provider is left alone, across threads and processes."""

import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from murph.gateways.ai.breaker import MAX_FAILURES, PAUSE_MS, Breaker


class Time:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.ms = 1_000_000

    def __call__(self) -> int:
        return self.ms


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def breaker(time: Time) -> Breaker:
    return Breaker(monotonic_ms=time)


def fail(breaker: Breaker, times: int = MAX_FAILURES) -> None:
    for _ in range(times):
        breaker.report(has_failed=True)


def test_two_failures_in_a_row_are_bad_luck(breaker: Breaker) -> None:
    fail(breaker, MAX_FAILURES - 1)
    assert breaker.lets_through()


def test_three_failures_in_a_row_are_enough(breaker: Breaker) -> None:
    fail(breaker)
    assert not breaker.lets_through()


def test_a_success_between_failures_begins_the_count_anew(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.report(has_failed=False)
    fail(breaker, 2)
    assert breaker.lets_through()


def test_one_question_is_let_through_after_a_pause_and_no_other_before_its_outcome(
    breaker: Breaker, time: Time
) -> None:
    fail(breaker)
    time.ms += PAUSE_MS - 1
    assert not breaker.lets_through()
    time.ms += 1
    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]


def test_a_success_after_the_pause_opens_the_way_for_all(breaker: Breaker, time: Time) -> None:
    fail(breaker)
    time.ms += PAUSE_MS
    assert breaker.lets_through()
    breaker.report(has_failed=False)
    assert [breaker.lets_through() for _ in range(3)] == [True, True, True]


def test_a_failure_after_the_pause_begins_another(breaker: Breaker, time: Time) -> None:
    fail(breaker)
    time.ms += PAUSE_MS
    assert breaker.lets_through()
    breaker.report(has_failed=True)
    time.ms += PAUSE_MS - 1
    assert not breaker.lets_through()
    time.ms += 1
    assert breaker.lets_through()


def test_one_who_never_tells_how_it_went_costs_one_more_pause(breaker: Breaker, time: Time) -> None:
    fail(breaker)
    time.ms += PAUSE_MS
    assert breaker.lets_through()
    time.ms += PAUSE_MS
    assert breaker.lets_through()


def test_of_many_threads_one_is_let_through(breaker: Breaker, time: Time) -> None:
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda _: fail(breaker, 1), range(64)))
        time.ms += PAUSE_MS
        assert sum(threads.map(lambda _: breaker.lets_through(), range(64))) == 1


def test_what_one_process_learns_the_next_one_knows(breaker: Breaker) -> None:
    for _ in range(MAX_FAILURES):  # as a worker runs each job in a process of its own
        assert in_a_process(lambda: fail(breaker, 1)) == 0
    assert not breaker.lets_through()
    assert in_a_process(lambda: os._exit(7 if not breaker.lets_through() else 8)) == 7


def test_of_many_processes_one_is_let_through(breaker: Breaker, time: Time) -> None:
    fail(breaker)
    time.ms += PAUSE_MS
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=lambda: os._exit(int(breaker.lets_through()))) for _ in range(8)]
    for child in children:
        child.start()
    for child in children:
        child.join(20)
    assert sorted(child.exitcode or 0 for child in children) == [0] * 7 + [1]


def test_processes_at_once_lose_no_failure(breaker: Breaker) -> None:
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=lambda: fail(breaker, 2000)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(30)
    assert breaker._read()[0] == 8000


def test_a_process_that_is_killed_leaves_no_lock_behind(breaker: Breaker) -> None:
    def die() -> None:
        with breaker._alone():
            os.kill(os.getpid(), signal.SIGKILL)

    assert in_a_process(die) == -signal.SIGKILL
    assert breaker.lets_through()


def in_a_process(work: object) -> int | None:
    child = multiprocessing.get_context("fork").Process(target=work)  # type: ignore[arg-type]
    child.start()
    child.join(20)
    return child.exitcode


class Model:
    """The rules once more, the plain way."""

    def __init__(self) -> None:
        self.failures, self.retry_at_ms = 0, 0

    def lets_through(self, now_ms: int) -> bool:
        if self.failures < MAX_FAILURES:
            return True
        if now_ms < self.retry_at_ms:
            return False
        self.retry_at_ms = now_ms + PAUSE_MS
        return True

    def report(self, now_ms: int, has_failed: bool) -> None:
        self.failures = self.failures + 1 if has_failed else 0
        self.retry_at_ms = now_ms + PAUSE_MS


@given(st.lists(st.sampled_from(["ask", "fail", "succeed", "wait", "wait long"]), max_size=40))
def test_it_keeps_to_the_rules_whatever_happens(steps: list[str]) -> None:
    time, model = Time(), Model()
    breaker = Breaker(monotonic_ms=time)
    for step in steps:
        if step == "ask":
            assert breaker.lets_through() == model.lets_through(time.ms)
        elif step.startswith("wait"):
            time.ms += PAUSE_MS if step == "wait long" else 10_000
        else:
            breaker.report(has_failed=step == "fail")
            model.report(time.ms, step == "fail")
