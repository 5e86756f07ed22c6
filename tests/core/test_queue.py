"""The doorbell: what rings once, what may be lost, and what a worker does with a failure."""

import json
import logging
import multiprocessing
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from rq import Queue
from rq.registry import ScheduledJobRegistry
from rq.serializers import JSONSerializer

from murph.core import lifeline, queue
from murph.core.db import transactional
from murph.core.queue import ringing
from tests.support.processes import wait_until
from tests.support.valkey import Valkey

_FORK = multiprocessing.get_context("fork")


class Bell:
    """A job that writes down in Valkey what it was called with, so that forked workers can tell."""

    def __init__(self, valkey: Valkey) -> None:
        self._client = valkey.client()

    def __call__(self, **arguments: Any) -> None:
        self._client.rpush("calls", json.dumps(arguments))
        behaviour = self._client.lpop("behaviour")
        if behaviour == b"fail":
            raise LookupError("as the test wants")
        if behaviour == b"die":
            os.kill(os.getpid(), signal.SIGKILL)
        if behaviour == b"hang":
            signal.pause()

    def next_time(self, behaviour: str) -> None:
        self._client.rpush("behaviour", behaviour)

    @property
    def calls(self) -> list[dict[str, Any]]:
        return [json.loads(call) for call in self._client.lrange("calls", 0, -1)]


@pytest.fixture
def bell(app: Flask, valkey: Valkey) -> Iterator[Bell]:
    made = Bell(valkey)
    queue.job("test.bell")(made)
    yield made
    del ringing._jobs["test.bell"]


@pytest.fixture
def at_window_start() -> Iterator[None]:
    """Begin with a whole window ahead, so that two rings fall into the same one."""
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=True):
        yield


def waiting() -> list[Any]:
    return list(_queue().jobs)


def _queue() -> Queue:
    return Queue("default", connection=queue.connection(), serializer=JSONSerializer)


def test_a_job_is_run_by_its_name_with_its_arguments(bell: Bell) -> None:
    arguments: dict[str, Any] = {"number": 1, "text": "Ä", "several": [1, None, {"a": True}]}
    queue.enqueue("test.bell", **arguments)
    queue.work(burst=True)
    assert bell.calls == [arguments]


def test_equal_rings_are_one_job_and_others_are_not(bell: Bell, at_window_start: None) -> None:
    for _ in range(3):
        queue.enqueue("test.bell", id="a")
    queue.enqueue("test.bell", id="b")
    queue.enqueue("test.bell")
    assert len(waiting()) == 3


def test_a_name_is_refused_for_one_window_only(bell: Bell) -> None:
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC)) as now:
        queue.enqueue("test.bell")
        now.shift(timedelta(seconds=queue.RING_WINDOW_S))
        queue.enqueue("test.bell")
    assert len(waiting()) == 2


def test_a_job_that_is_done_may_be_rung_again_at_once(bell: Bell, at_window_start: None) -> None:
    for _ in range(2):
        queue.enqueue("test.bell")
        queue.work(burst=True)
    assert len(bell.calls) == 2


def test_a_ring_waits_for_the_commit(bell: Bell) -> None:
    @transactional
    def verb() -> None:
        queue.enqueue("test.bell")
        assert waiting() == []

    verb()
    assert len(waiting()) == 1


def test_a_failed_verb_rings_nothing(bell: Bell) -> None:
    @transactional
    def verb() -> None:
        queue.enqueue("test.bell")
        raise LookupError

    with pytest.raises(LookupError):
        verb()
    assert waiting() == []


def test_a_ring_without_a_queue_is_lost_and_logged(
    bell: Bell, valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    valkey.stop()
    queue.enqueue("test.bell")
    assert not queue.is_reachable()
    assert "queue.ring_lost" in caplog.text
    valkey.start()
    assert queue.is_reachable()
    queue.enqueue("test.bell")
    assert len(waiting()) == 1


def test_an_unknown_job_is_a_mistake_of_ours(bell: Bell) -> None:
    with pytest.raises(KeyError):
        queue.enqueue("test.misspelt")


def test_a_failed_job_is_tried_again_later_and_later(bell: Bell) -> None:
    bell.next_time("fail")
    queue.enqueue("test.bell")
    began = datetime.now(UTC)
    queue.work(burst=True)
    (job_id,) = _scheduled().get_job_ids()
    delay = _scheduled().get_scheduled_time(job_id) - began
    assert timedelta(seconds=0) < delay < timedelta(seconds=queue.RETRY_AFTER_S[0] + 5)
    job = _queue().fetch_job(job_id)
    assert job is not None
    assert (job.retries_left, job.retry_intervals) == (2, queue.RETRY_AFTER_S)
    assert sorted(queue.RETRY_AFTER_S) == queue.RETRY_AFTER_S


def _scheduled() -> ScheduledJobRegistry:
    return ScheduledJobRegistry(queue=_queue())  # type: ignore[no-untyped-call]


@pytest.fixture
def worker() -> Iterator[Any]:
    """A worker in a process of its own that knows the test's job."""

    def work() -> None:
        lifeline.end_forked_children_with_this_process()
        queue.work()

    process = _FORK.Process(target=work, daemon=False)
    process.start()
    yield process
    process.terminate()
    process.join(timeout=20)
    assert process.exitcode is not None


def test_a_retry_succeeds_by_itself(bell: Bell, worker: Any) -> None:
    bell.next_time("fail")
    queue.enqueue("test.bell", number=7)
    wait_until(lambda: bell.calls == [{"number": 7}] * 2, what="the second run")


def test_a_job_whose_process_was_killed_is_tried_again(bell: Bell, worker: Any) -> None:
    bell.next_time("die")
    queue.enqueue("test.bell")
    wait_until(lambda: len(bell.calls) == 2, what="the second run")


def test_after_a_worker_was_killed_the_next_window_rings_anew(bell: Bell, worker: Any) -> None:
    bell.next_time("hang")
    queue.enqueue("test.bell")
    wait_until(lambda: bell.calls, what="the first run")
    os.kill(worker.pid, signal.SIGKILL)
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=queue.RING_WINDOW_S)):
        queue.enqueue("test.bell")
    queue.work(burst=True)
    assert len(bell.calls) == 2


def test_the_log_of_a_failed_job_names_it(bell: Bell, caplog: pytest.LogCaptureFixture) -> None:
    bell.next_time("fail")
    with caplog.at_level(logging.ERROR), pytest.raises(LookupError):
        queue.perform("test.bell", {})
    assert "job.failed" in caplog.text
    assert "test.bell" in caplog.text
