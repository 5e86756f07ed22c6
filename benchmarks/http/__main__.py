"""The main routes beside a view that only asks the same of the database, on one server, in turn."""

import argparse
import json
import logging
import os
import pickle
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

from benchmarks import machine
from benchmarks.http import world
from benchmarks.http.asking import Request, answers
from benchmarks.http.recorded import Script, recording
from benchmarks.http.world import Student
from benchmarks.place import Place, Server, private_place, serving
from benchmarks.plot import Panel, draw
from benchmarks.report import Goal, Report, Runs
from murph.core.db import db
from tests.support.processes import ROOT

GOAL = 0.7
API = "/api/v1"
ROUTES = ("login", "list", "course", "balance", "start", "end")
COLUMNS = (
    ("p50_ms", "p50 ms", ".2f"),
    ("per_s", "requests/s", ".0f"),
    ("cpu_ms", "web process ms", ".2f"),
    ("database_ms", "database ms", ".2f"),
)


def main() -> None:
    """Measure, print, and store what was found."""
    options = _options()
    logging.disable(logging.INFO)
    with private_place() as place:
        report = measure(place, options)
    path = report.save(options.out)
    print(report.markdown(), f"Stored in {path.parent}", sep="\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.http", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each figure, made in turn")
    parser.add_argument("--times", type=int, default=100, help="requests in a run")
    parser.add_argument("--out", type=Path, default=ROOT / "instance" / "bench")
    return parser.parse_args()


def measure(place: Place, options: argparse.Namespace) -> Report:
    """Write down what each route asks, then ask both servers in turn."""
    world.shelf(25, place.app.config["CURRENCY"])
    crowd = iter(world.students(place, 1 + 2 * (options.runs + 1) * options.times))
    first = next(crowd)
    scripts = _record(place, first)
    path = place.folder / "scripts.pickle"
    path.write_bytes(pickle.dumps(scripts))
    secret = place.app.config["JWT_SECRET_KEY"]
    runs, warm = Runs(), Runs()
    with ExitStack() as ends:
        settings = {"WEB_WORKERS": "1", "JWT_SECRET_KEY": secret, "LOG_FORMAT": "json"}
        ours = ends.enter_context(serving(place, "wsgi:app", **settings))
        bare = ends.enter_context(
            serving(place, "benchmarks.http.bare:app", BENCH_SCRIPTS=str(path), **settings)
        )
        for found in [warm, *[runs] * options.runs]:
            some = [[next(crowd) for _ in range(options.times)] for _ in range(2)]
            for route in ROUTES:
                _run(place, route, (ours, bare), some, first, found)
    return _report(options, runs, scripts)


def _run(
    place: Place,
    route: str,
    servers: tuple[Server, Server],
    some: Sequence[Sequence[Student]],
    first: Student,
    found: Runs,
) -> None:
    for name, server, students in zip((route, f"{route}, bare"), servers, some, strict=True):
        ids = world.watch(students) if route == "end" else {each.id: each.ids for each in students}
        if route == "login":
            students, ids = [first] * len(students), {first.id: first.ids}
        asked = [_request(place, route, each, ids[each.id], bare=server is servers[1]) for each in students]
        found.note(name, answers(place, server, asked))


def _request(
    place: Place, route: str, student: Student, ids: dict[str, str], *, bare: bool = False
) -> Request:
    token = {"Authorization": f"Bearer {student.token}"}
    course = str(place.course_id)
    ours = {
        "login": Request("POST", "/auth/login", {}, {"email": student.email, "password": world.PASSWORD}),
        "list": Request("GET", "/courses"),
        "course": Request("GET", f"/courses/{course}", token),
        "balance": Request("GET", "/payments/wallet/balance", token),
        "start": Request("POST", "/sessions/start", token, {"course_id": course}),
        "end": Request("POST", f"/sessions/{UUID(ids.get('session', student.id.hex))}/end", token),
    }[route]
    if not bare:
        return Request(ours.method, API + ours.path, ours.headers, ours.body)
    with_ids = {**ours.headers, "X-Ids": json.dumps(ids)}
    return Request(ours.method, f"/bare/{route}", with_ids, ours.body)


def _record(place: Place, student: Student) -> dict[str, Script]:
    """Play each route once in this process."""
    place.app.config["PASSWORD_HASH_TIME_COST"] = world.USUAL.time_cost  # else it would hash anew
    place.app.config["PASSWORD_HASH_MEMORY_KIB"] = world.USUAL.memory_kib
    client, scripts = place.app.test_client(), {}
    for route in ROUTES:
        ids = world.watch([student])[student.id] if route == "end" else student.ids
        asked = _request(place, route, student, ids)
        db.session.remove()
        for _ in range(2 if asked.method == "GET" else 1):  # once more, warm
            with recording(db.engine, ids) as script:
                answer = client.open(
                    asked.path, method=asked.method, headers=dict(asked.headers), json=asked.body
                )
        if answer.status_code >= 300:
            raise SystemExit(f"{route}: {answer.status_code} {answer.text}")
        script.answer, script.status = answer.get_json(), answer.status_code
        scripts[route] = script
    db.session.remove()
    return scripts


def _report(options: argparse.Namespace, runs: Runs, scripts: dict[str, Script]) -> Report:
    goals = [
        Goal(f"{route}: bare p50 / p50", runs.ratios(f"{route}, bare", route, "p50_ms"), at_least=GOAL)
        for route in ROUTES
    ]
    figures = [name for route in ROUTES for name in (route, f"{route}, bare")]
    counts = ", ".join(f"{route} {len(script.steps)}" for route, script in scripts.items())
    note = (
        "`bare` checks the token (the password, at login), sends the same statements with ids of its own, "
        f"and writes the same answer as JSON. Statements and commits: {counts}."
    )
    return Report(
        name="http",
        title="HTTP beside a view without anything",
        machine=machine.describe(db.engine),
        settings={"runs": options.runs, "times": options.times, "cpus": os.cpu_count()},
        runs=runs,
        goals=goals,
        sections=["## Routes", note, runs.table(figures, COLUMNS)],
        plot=draw([Panel("Milliseconds, the median", runs.bars(figures, "p50_ms"), form=".2f")]),
    )


if __name__ == "__main__":
    main()
