"""Every adapter against its vendor's bad days, over real connections."""

import logging
import time

import pytest

from murph.gateways.ai.port import (
    KeyRefused,
    ProviderAway,
    ProviderFailed,
    ProviderRefused,
    ProviderTimedOut,
    ProviderUnreadable,
)
from tests.support.ai import KEY, WAYS, Simulators, courses, question
from tests.support.processes import free_port

every_way = pytest.mark.parametrize("way", WAYS)
every_way_that_is_used = pytest.mark.parametrize(
    "way", [pytest.param(way, marks=[pytest.mark.torture] if "whole" in way else []) for way in WAYS]
)
"""The others, whole answers of those who stream, under torture only."""


@pytest.fixture(autouse=True)
def _in_context(context: None) -> None:
    """The application that is asked from."""


def failure(simulators: Simulators, way: str, *, key: str = KEY, timeout_s: float = 20.0) -> ProviderFailed:
    with pytest.raises(ProviderFailed) as caught:
        simulators.provider(way, key=key).suggest(question(), courses(3), timeout_s=timeout_s)
    return caught.value


@every_way
@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        ("429", ProviderAway),
        ("500", ProviderAway),
        ("503", ProviderAway),
        ("hang_up", ProviderAway),
        ("cut", ProviderAway),
        ("malformed", ProviderUnreadable),
        ("garbled", ProviderUnreadable),
        ("another_form", ProviderUnreadable),
        ("truncated", ProviderUnreadable),
        ("refusal", ProviderRefused),
        ("no_model", KeyRefused),
    ],
)
def test_a_failure_has_its_name_and_is_not_tried_again(
    simulators: Simulators, way: str, behaviour: str, kind: type[ProviderFailed]
) -> None:
    simulators.behave(way, behaviour)
    before = simulators.state(way)["asked"]
    failed = failure(simulators, way)
    assert type(failed) is kind
    assert simulators.state(way)["asked"] == before + 1


WHOLE_BODIES = (
    "null",
    "[]",
    "7",
    '"x"',
    "{}",
    "[null]",
    "[[]]",
    "[7]",
    '{"choices": null, "content": null, "candidates": null}',
    '{"choices": [null], "content": [null], "usage": 7}',
    '{"choices": [{"message": {"content": 7}}], "content": [{"text": 7}], "stop_reason": "end_turn"}',
    '{"error": "x"}',
    "",
    "\x00",
)
EVENTS = [f"data: {body}\n\n" for body in WHOLE_BODIES]
BODIES = [*WHOLE_BODIES, *EVENTS, *(f"event: message_start\n{event}" for event in EVENTS)]


@every_way_that_is_used
def test_nothing_in_place_of_an_answer_is_taken_for_one(simulators: Simulators, way: str) -> None:
    for body in BODIES:
        simulators.behave(way, "raw", text=body)
        assert isinstance(failure(simulators, way), ProviderAway | ProviderUnreadable | ProviderRefused), body


@every_way_that_is_used
@pytest.mark.parametrize("behaviour", ["slow", "trickle"])
def test_there_is_an_end_to_waiting(simulators: Simulators, way: str, behaviour: str) -> None:
    simulators.provider(way).load()
    simulators.behave(way, behaviour, latency_s=5)
    started = time.monotonic()
    failed = failure(simulators, way, timeout_s=0.7)
    assert type(failed) is ProviderTimedOut
    assert time.monotonic() - started < 2
    assert failed.tokens.sent > 100  # the vendor has read the question, and will count it


@every_way
@pytest.mark.parametrize("behaviour", ["garbled", "another_form", "truncated", "refusal"])
def test_what_was_counted_for_a_useless_answer_is_counted(
    simulators: Simulators, way: str, behaviour: str
) -> None:
    simulators.behave(way, behaviour)
    tokens = failure(simulators, way).tokens
    assert tokens.sent > 100
    assert tokens.received > 0


@every_way
def test_a_wrong_key_is_no_outage(simulators: Simulators, way: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    failed = failure(simulators, way, key="wrong-key-3f7a")
    assert type(failed) is KeyRefused
    assert "wrong-key-3f7a" not in f"{failed!r} {failed} {failed.detail} {caplog.text}"


@every_way
def test_no_key_is_in_what_a_failure_says_or_logs(
    simulators: Simulators, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for behaviour in ("429", "malformed", "hang_up", "refusal"):
        simulators.behave(way, behaviour)
        failed = failure(simulators, way)
        assert KEY not in f"{failed!r} {failed} {failed.detail}"
        assert failed.__cause__ is None
    assert KEY not in caplog.text


@every_way
def test_with_nobody_at_the_other_end_there_is_no_answer(simulators: Simulators, way: str) -> None:
    nowhere = Simulators(f"http://127.0.0.1:{free_port()}", simulators.child)
    with pytest.raises(ProviderAway):
        nowhere.provider(way).suggest(question(), courses(3), timeout_s=20)


@every_way
def test_the_environment_does_not_lead_questions_elsewhere(
    simulators: Simulators, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert simulators.provider(way).suggest(question(), courses(3), timeout_s=20).picks
