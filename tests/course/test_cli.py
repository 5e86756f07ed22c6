import json
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.auth.people import Person
from tests.course.builders import COURSES, create_course, published_course


def test_the_list_is_one_json_document_newest_first(app: Flask, client: FlaskClient, tess: Person) -> None:
    create_course(client, tess, title="draft", price_per_minute=None)
    published_course(client, tess, title="published")
    runner = app.test_cli_runner()

    def listed(*args: str) -> list[str]:
        result = runner.invoke(args=["course", "list", "--json", *args])
        assert result.exit_code == 0, result.output
        return [item["title"] for item in json.loads(result.stdout)["items"]]

    assert listed() == ["published", "draft"]
    assert listed("--state", "draft") == ["draft"]
    assert listed("--limit", "1") == ["published"]
    assert listed("--teacher", str(tess.id)) == ["published", "draft"]
    assert listed("--teacher", str(uuid4())) == []


def test_the_list_for_people_is_a_table(app: Flask, client: FlaskClient, tess: Person) -> None:
    create_course(client, tess, title="unpriced", price_per_minute=None)
    published_course(client, tess, title="[bold]priced")
    result = app.test_cli_runner().invoke(args=["course", "list"], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    for text in ("[bold]priced", "2.00 USD", "Tess", "published", "unpriced", "draft"):
        assert text in result.stdout


def test_an_archived_course_leaves_the_market(app: Flask, client: FlaskClient, tess: Person) -> None:
    course = published_course(client, tess)
    for _ in range(2):
        assert app.test_cli_runner().invoke(args=["course", "archive", course["id"]]).exit_code == 0
    assert client.get(f"{COURSES}/{course['id']}").status_code == 404
    mine = client.get(f"{COURSES}/{course['id']}", headers=tess.headers).get_json()
    assert mine["status"] == "archived"


def test_an_unknown_course_is_a_refusal(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["course", "archive", str(uuid4())])
    assert result.exit_code == 1
    assert "no course" in result.stderr
    assert app.test_cli_runner().invoke(args=["course", "archive", "x"]).exit_code == 2


@pytest.mark.parametrize("command", ["list", "archive"])
def test_help_shows_an_example(app: Flask, command: str) -> None:
    result = app.test_cli_runner().invoke(args=["course", command, "--help"])
    assert f"flask course {command}" in result.stdout
