"""Searching and chatting over HTTP, on MariaDB, with two web processes, also while a provider is slow."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from benchmarks.discovery import world
from benchmarks.place import BIN, Place, Server, private_place, serving
from benchmarks.report import table
from murph.discovery.evaluation import catalogues, measures
from murph.discovery.evaluation.catalogues import QuestionSet
from tests.support.ai import Simulators, running_simulators
from tests.support.processes import Child

API = "/api/v1/discovery"
WORKERS = {"WEB_WORKERS": "2"}
STUDENTS = 10
LATENCY_S = 30.0
"""Longer than any provider is waited for."""
WARM = 40
"""Requests until both processes have surely made their index."""
GOAL_MS = 50


def served(chosen: QuestionSet, *, turns: int) -> str:
    """Measure what is asked one after the other, in turn with a view that does nothing."""
    documents, queries = catalogues.documents(chosen.catalogues), catalogues.queries(chosen.queries)
    asked = [queries[number % len(queries)].text for number in range(turns)]
    with ExitStack() as ends:
        place = ends.enter_context(private_place())
        world.offer(documents, currency=place.app.config["CURRENCY"])
        tokens = world.students(STUDENTS)
        simulators = ends.enter_context(_slow_providers(place.folder))
        slow = WORKERS | simulators.settings("gemini")
        ends.enter_context(_chat_worker(place, slow))
        bare = ends.enter_context(serving(place, "benchmarks.discovery.bare:app", **WORKERS))
        rows = []
        for name, settings in (("no provider", WORKERS), ("a slow provider", slow)):
            with serving(place, "wsgi:app", **settings) as murph:
                rows += list(_rows(name, murph, bare, asked, tokens))
        was_asked = simulators.state("gemini")["asked"]
    head = (f"over HTTP, {len(documents)} courses", "requests", "p50 ms", "p95 ms", "p99 ms", "goal")
    note = f"The provider was asked {was_asked} times and answered none of them in time."
    return f"{table(head, rows)}\n\n{note}"


def _rows(
    provider: str, murph: Server, bare: Server, asked: Sequence[str], tokens: Sequence[str]
) -> Iterator[list[str]]:
    unanswered: list[str] = []
    with _client(murph) as ours, _client(bare) as theirs:

        def search(text: str) -> None:
            _expect(ours.get(f"{API}/search", params={"q": text}))

        def complete(text: str) -> None:
            _expect(ours.get(f"{API}/suggest", params={"q": text[:5]}))

        def chat(text: str) -> None:
            headers = {"Authorization": f"Bearer {tokens[len(text) % len(tokens)]}"}
            answer = _expect(ours.post(f"{API}/chat", json={"message": text}, headers=headers)).json()
            if not answer["suggestions"]:
                unanswered.append(text)

        _warm(murph)
        yield _row("a view that does nothing", _timed(lambda _: _expect(theirs.get("/bare")), asked))
        yield _row(f"GET /search, {provider}", _timed(search, asked))
        yield _row(f"GET /suggest, {provider}", _timed(complete, asked))
        yield _row(f"POST /chat, {provider}", _timed(chat, asked), goal_ms=GOAL_MS)
    if unanswered:
        print(f"without a suggestion: {unanswered}", file=sys.stderr)


def _warm(server: Server) -> None:
    # Each over a connection of its own, as one process serves all of a connection's requests.
    for _ in range(WARM):
        with _client(server) as client:
            _expect(client.get(f"{API}/search", params={"q": "compilers"}))


def _timed(action: Callable[[str], object], asked: Iterable[str]) -> list[float]:
    found_ms = []
    for text in asked:
        began_s = time.perf_counter()
        action(text)
        found_ms.append((time.perf_counter() - began_s) * 1000)
    return found_ms


def _row(name: str, found_ms: Sequence[float], *, goal_ms: float | None = None) -> list[str]:
    p50_ms, p95_ms, p99_ms = (measures.percentile(found_ms, share) for share in (0.5, 0.95, 0.99))
    verdict = "" if goal_ms is None else "reached" if p95_ms <= goal_ms else "MISSED"
    goal = f"p95 <= {goal_ms:g}: {verdict}" if verdict else ""
    row = [name, str(len(found_ms)), f"{p50_ms:.1f}", f"{p95_ms:.1f}", f"{p99_ms:.1f}", goal]
    print(*row, file=sys.stderr)
    return row


def _client(server: Server) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False, timeout=60)


def _expect(answer: httpx.Response) -> httpx.Response:
    if answer.status_code != 200:
        raise SystemExit(f"{answer.request.url}: {answer.status_code} {answer.text}")
    return answer


@contextmanager
def _slow_providers(folder: Path) -> Iterator[Simulators]:
    with running_simulators(folder) as simulators:
        simulators.behave("gemini", "slow", latency_s=LATENCY_S)
        yield simulators


@contextmanager
def _chat_worker(place: Place, settings: dict[str, str]) -> Iterator[None]:
    command = [str(BIN / "flask"), "worker", "--queue", "chat"]
    with Child("chat", command, log=place.folder / "chat.log", env=place.env | settings) as child:
        yield
        child.kill_family()  # in order it would wait for a provider
