"""Searching and chatting with real processes: many at once, workers that die, courses that go."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.ai import Simulators, running_simulators
from tests.support.house import HURRIED, House
from tests.support.people import Student, Teacher, side_by_side
from tests.support.processes import wait_until
from tests.support.valkey import Valkey

pytestmark = [pytest.mark.torture, pytest.mark.only_mariadb]

SEARCH = "/api/v1/discovery/search"
MORE_THAN_CONNECTIONS = 150
"""So many requests at once that the pool of a process has not a connection for each of them."""


@pytest.fixture
def simulators(tmp_path: Path) -> Iterator[Simulators]:
    with running_simulators(tmp_path) as simulators:
        yield simulators


@pytest.fixture
def advised(database: str, valkey: Valkey, tmp_path: Path, simulators: Simulators) -> Iterator[House]:
    """A house of its own with two web processes and a provider."""
    settings = HURRIED | {"WEB_WORKERS": "2"} | simulators.settings("anthropic")
    with House(database, valkey, tmp_path, **settings) as house:
        yield house
        sys.stdout.write(house.logs())


def found(url: str, words: str) -> list[str]:
    answer = httpx.get(f"{url}{SEARCH}", params={"q": words}, trust_env=False, timeout=60)
    assert answer.status_code == 200, answer.text
    return [item["course_id"] for item in answer.json()["items"]]


def found_course(house: House) -> tuple[Teacher, dict[str, Any]]:
    """Return a course that every process finds, and its teacher."""
    teacher = Teacher(house.url)
    course = teacher.publish()
    urls = (house.url, house.other_url) * 4
    wait_until(lambda: all(course["id"] in found(url, "interest") for url in urls), what="an index")
    return teacher, course


def ask(student: Student) -> dict[str, Any]:
    return student.post("/discovery/chat", {"message": "teach me compound interest"})


def test_more_at_once_than_there_are_connections_are_all_answered(house: House) -> None:
    found_course(house)
    student = Student(house.url, money=None)

    def ask_or_search(number: int) -> int:
        if number % 2:
            return student.ask("POST", "/discovery/chat", {"message": "compound interest"}).status_code
        return httpx.get(f"{house.url}{SEARCH}?q=interest", trust_env=False, timeout=60).status_code

    numbers = range(3 * MORE_THAN_CONNECTIONS)
    answers = Counter(side_by_side(ask_or_search, numbers, at_once=2 * MORE_THAN_CONNECTIONS))
    assert answers == {200: len(numbers)}


def test_no_process_shows_a_course_once_its_withdrawal_was_answered(house: House) -> None:
    teacher, course = found_course(house)
    over, shown = threading.Event(), list[tuple[float, bool]]()

    def look(url: str) -> None:
        while not over.is_set():
            begun_s = time.monotonic()
            shown.append((begun_s, course["id"] in found(url, "interest")))

    lookers = [threading.Thread(target=look, args=(url,)) for url in (house.url, house.other_url) * 2]
    for looker in lookers:
        looker.start()
    teacher.post(f"/courses/{course['id']}/unpublish")
    gone_s = time.monotonic()
    wait_until(lambda: sum(begun_s > gone_s for begun_s, _ in shown) >= 20, what="twenty more searches")
    over.set()
    for looker in lookers:
        looker.join()
    assert not any(is_shown for begun_s, is_shown in shown if begun_s > gone_s)


def test_a_worker_that_dies_while_a_provider_speaks_costs_nobody_the_answer(
    advised: House, simulators: Simulators
) -> None:
    found_course(advised)
    student = Student(advised.url, money=None)
    simulators.behave("anthropic", "slow", latency_s=4)
    turn = ask(student)
    assert (turn["status"], turn["provider"]) == ("thinking", "offline")
    wait_until(lambda: simulators.state("anthropic")["asked"] == 1, what="a question to the provider")
    advised.worker.kill_family()
    simulators.heal()
    advised.start_worker()

    def now() -> dict[str, Any]:
        return student.get(f"/discovery/chat/{turn['turn_id']}")

    wait_until(lambda: now()["status"] == "ready", within_s=60, what="the answer")
    assert now()["provider"] == "anthropic"
    assert simulators.state("anthropic")["asked"] == 2
    (tokens,) = advised.row("SELECT tokens FROM token_use")
    assert tokens > 0


def test_a_question_that_is_asked_while_the_queue_is_away_is_answered_when_it_is_back(
    advised: House, simulators: Simulators
) -> None:
    found_course(advised)
    student = Student(advised.url, money=None)
    advised.valkey.stop()
    turn = ask(student)
    assert (turn["status"], len(turn["suggestions"])) == ("thinking", 1)
    advised.valkey.start()

    def speaker() -> str:
        provider: str = student.get(f"/discovery/chat/{turn['turn_id']}")["provider"]
        return provider

    wait_until(lambda: speaker() == "anthropic", within_s=60, what="the provider's answer")
