"""What the assistant relies on, whichever provider stands behind the port."""

import json
from uuid import UUID

import pytest

from murph.core.db import transactional
from murph.gateways.ai.port import MAX_CANDIDATES, AiProvider, Message, Role, Suggestion
from tests.support.ai import KEY, WAYS, Simulators, course, courses, embedded, ids, question

ADAPTERS = [*WAYS, "offline"]
TIMEOUT_S = 20.0


@pytest.fixture(params=ADAPTERS)
def provider(request: pytest.FixtureRequest, context: None) -> AiProvider:
    if request.param == "offline":
        return embedded()
    simulators: Simulators = request.getfixturevalue("simulators")
    return simulators.provider(request.param)


def ask(provider: AiProvider, count: int = 6, *, messages: list[Message] | None = None) -> Suggestion:
    return provider.suggest(messages or question(), courses(count), timeout_s=TIMEOUT_S)


def test_it_says_who_it_is(provider: AiProvider, request: pytest.FixtureRequest) -> None:
    assert provider.name == request.node.callspec.params["provider"].split()[0]


def test_it_picks_some_of_the_courses_with_a_reason_for_each(provider: AiProvider) -> None:
    said = ask(provider)
    picked = [pick.course_id for pick in said.picks]
    assert 1 <= len(picked) == len(set(picked)) <= 6
    assert set(picked) <= set(ids(courses(6)))
    assert all(pick.reason for pick in said.picks)
    assert said.reply
    assert all(said.followups)


def test_it_has_an_answer_when_nothing_was_found(provider: AiProvider) -> None:
    said = ask(provider, 0)
    assert said.picks == ()
    assert said.reply


def test_it_takes_as_many_courses_as_it_may_be_given(provider: AiProvider) -> None:
    assert {pick.course_id for pick in ask(provider, MAX_CANDIDATES).picks} <= set(ids(courses(20)))


def test_it_takes_a_long_conversation_in_every_script(provider: AiProvider) -> None:
    turns = [
        "Ich möchte Python lernen",
        "Hier ist einer.",
        "أريد شيئًا أقصر",
        "これはどうですか",
        "👩‍💻?",
        "ok",
    ]
    long = question("\u202e日本語で \x00 ".ljust(10_000, "x"), *turns * 8)
    assert ask(provider, messages=[*long, Message(Role.UNDERSTOOD, "level: beginner")]).reply


def test_a_student_may_write_twice_in_a_row(provider: AiProvider) -> None:
    twice = [Message(Role.STUDENT, "Python"), Message(Role.STUDENT, ""), Message(Role.STUDENT, "please")]
    assert ask(provider, messages=twice).reply


def test_tokens_are_counted_where_there_are_any(provider: AiProvider) -> None:
    said = ask(provider)
    if provider.name == "offline":
        assert said.tokens.total == 0
    else:
        assert said.tokens.sent > 100
        assert said.tokens.received > 10


def test_nothing_is_asked_inside_a_transaction(provider: AiProvider) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        transactional(lambda: ask(provider))()


def test_a_key_is_never_shown(provider: AiProvider) -> None:
    assert KEY not in f"{provider!r} {provider} "


@pytest.mark.parametrize("way", WAYS)
def test_the_vendor_finds_nothing_wrong_with_what_it_is_sent(
    simulators: Simulators, context: None, way: str
) -> None:
    before = simulators.state(way)
    simulators.provider(way).suggest(
        question("And shorter?", "Python", "Here."), courses(3), timeout_s=TIMEOUT_S
    )
    after = simulators.state(way)
    assert (after["asked"], after["refused"]) == (before["asked"] + 1, before["refused"])
    sent = json.dumps(after["last_question"])
    assert "And shorter?" in sent
    assert str(course(1).course_id) in sent
    assert KEY not in sent


@pytest.mark.parametrize("way", WAYS)
def test_an_id_that_nobody_offered_comes_through_the_port_and_no_further(
    simulators: Simulators, context: None, way: str
) -> None:
    simulators.behave(way, "unknown_ids")
    said = simulators.provider(way).suggest(question(), courses(3), timeout_s=TIMEOUT_S)
    assert said.picks[0].course_id == UUID("00000000-0000-7000-8000-000000000000")
    assert {pick.course_id for pick in said.picks[1:]} == set(ids(courses(3)))
