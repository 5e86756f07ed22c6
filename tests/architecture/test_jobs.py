import ast
import re
import sys
from pathlib import Path

from flask import Flask

from murph.core import queue
from murph.core.queue import ringing
from tests.architecture.sources import called_name, name_of, python_files, tree
from tests.support.processes import ROOT, Child
from tests.support.valkey import Valkey


def test_every_name_that_is_rung_is_a_registered_job(app: Flask) -> None:
    known = {entry.name for entry in queue.registered_jobs()}
    for path in python_files("murph"):
        if name_of(path).startswith("murph/core/queue/"):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and called_name(node) == "enqueue":
                assert isinstance(node.args[0], ast.Constant), f"{name_of(path)}:{node.lineno}: name it"
                assert node.args[0].value in known, f"{name_of(path)}:{node.lineno}"


def test_workers_serve_money_first_and_what_takes_minutes_last(app: Flask) -> None:
    assert queue.queue_names() == ["money", "default", "chat", "payments", "media"]


def test_every_job_is_rung_by_the_clock_or_by_a_verb(app: Flask) -> None:
    code = "\n".join(path.read_text() for path in python_files("murph"))
    for entry in queue.registered_jobs():
        assert entry.every_s or re.search(rf'enqueue\(\s*"{entry.name}"', code), entry.name


def test_the_procfile_starts_what_production_needs() -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    assert dict(line.split(": ") for line in lines) == {
        "release": "flask db upgrade",
        "web": "gunicorn",
        "worker": "flask worker --queue money --queue default",
        "chat": "flask worker --queue chat",
        "payments": "flask worker --queue payments",
        "media": "flask worker --queue media",
        "clock": "flask clock",
    }


def test_the_worker_serves_the_queue_of_every_job(app: Flask, valkey: Valkey, tmp_path: Path) -> None:
    names = queue.queue_names()
    for name in names:
        # The worker takes it and then fails, as it knows no such job; here only the taking matters.
        queue.job("test.probe", queue=name)(print)
        queue.enqueue("test.probe", id=name)
        del ringing._jobs["test.probe"]
    assert [valkey.client().llen(f"rq:queue:{name}") for name in names] == [1] * len(names)
    env = {
        "DATABASE_URL": app.config["DATABASE_URL"],
        "REDIS_URL": valkey.url,
        "INSTANCE_PATH": str(tmp_path),
    }
    flask = Path(sys.executable).with_name("flask")
    for options, left in ((("--queue", "payments"), [1, 1, 1, 0, 1]), ((), [0, 0, 0, 0, 0])):
        command: list[str | Path] = [flask, "worker", "--burst", *options]
        with Child("worker", command, log=tmp_path / "worker.log", env=env) as worker:
            assert worker.wait_for_exit(within_s=60) == 0, worker.log_tail()
        assert [valkey.client().llen(f"rq:queue:{name}") for name in names] == left
