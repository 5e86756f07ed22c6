import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from murph.core.db import db
from murph.discovery.evaluation import measures

CATALOGUE = {
    "items": [
        {"id": "knots", "title": "Sailing knots", "tags": ["rope"], "teachers": ["Ada"]},
        {"id": "bread", "title": "Sourdough bread", "objectives": ["Bake a loaf"]},
    ]
}
QUERIES = [{"q": "rope knots", "relevant": ["knots"]}, {"q": "bake a bread", "relevant": ["bread", "toast"]}]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    catalogue, queries = tmp_path / "courses.json", tmp_path / "asked.jsonl"
    catalogue.write_text(json.dumps(CATALOGUE))
    queries.write_text("\n".join(map(json.dumps, QUERIES)))
    return ["--catalogue", str(catalogue), "--queries", str(queries)]


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["discovery", "evaluate", *arguments])
    return result.exit_code, result.output


def test_the_goals_are_reached_on_the_development_queries(app: Flask) -> None:
    code, output = run(app, "--json")
    gtn, fpb = json.loads(output)["items"]
    assert code == 0
    assert (gtn["documents"], gtn["queries"], fpb["documents"], fpb["queries"]) == (627, 166, 1343, 43)
    assert gtn["ndcg_at_10"] >= 0.74
    assert fpb["ndcg_at_10"] >= 0.86


def test_given_files_are_measured_and_the_database_is_not_asked(app: Flask, files: list[str]) -> None:
    statements: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    code, output = run(app, *files, "--json")
    found = json.loads(output)
    assert code == 0
    assert (found["documents"], found["queries"], found["mrr_at_10"]) == (2, 2, 1.0)
    assert found["recall_at_10"] == 0.75
    assert found["p50_ms"] <= found["p99_ms"]
    assert not statements


def test_in_chat_mode_the_words_of_asking_do_not_count(app: Flask, files: list[str], tmp_path: Path) -> None:
    phrased = tmp_path / "phrased.jsonl"
    say = "Hi, could you bake me a course about ropes please? I am not into bread."
    phrased.write_text(json.dumps({"q": say, "relevant": ["knots"]}))
    found = json.loads(run(app, *files[:2], "--queries", str(phrased), "--chat", "--json")[1])
    assert found["mrr_at_10"] == 1.0


def test_the_table_for_people_names_every_figure(app: Flask, files: list[str]) -> None:
    code, output = run(app, *files)
    assert code == 0
    for name in ("recall_at_10", "ndcg_at_10", "mrr_at_10", "p50_ms", "p99_ms", "queries", "documents"):
        assert name in output


def test_half_of_the_files_is_refused(app: Flask, files: list[str]) -> None:
    code, output = run(app, *files[:2])
    assert code == 2
    assert "belong together" in output


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"items": [{"id": "x"}]}', '{"items": 5}', '{"items": ["x"]}']
)
def test_a_file_that_is_no_catalogue_is_named(app: Flask, files: list[str], content: str) -> None:
    Path(files[1]).write_text(content)
    code, output = run(app, *files)
    assert code == 1
    assert "is no catalogue" in output


@pytest.mark.parametrize(
    "content", ["", "{", '{"q": "x"}', '{"q": "x", "relevant": []}', '{"q": "x", "relevant": 1}']
)
def test_a_file_that_has_no_questions_is_named(app: Flask, files: list[str], content: str) -> None:
    Path(files[3]).write_text(content)
    code, output = run(app, *files)
    assert code == 1
    assert files[3] in output


def test_the_measures_are_those_of_the_books() -> None:
    found, relevant = ["a", "x", "b"], {"a", "b", "c"}
    assert measures.recall(found, relevant) == pytest.approx(2 / 3)
    assert measures.ndcg(found, relevant) == pytest.approx((1 + 0.5) / (1 + 0.63093 + 0.5), abs=1e-4)
    assert measures.reciprocal_rank(["x", "a"], relevant) == 0.5
    assert measures.reciprocal_rank(["x"], relevant) == 0.0
    assert [measures.percentile([4, 1, 3, 2], part) for part in (0.5, 0.99)] == [2, 4]
