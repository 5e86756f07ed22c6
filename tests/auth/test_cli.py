import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.auth.people import PASSWORD, sign_in, sign_up

CREATE = ["user", "create-admin", "--email", "Root@Example.org", "--name", "Root"]


def test_an_administrator_is_created_with_a_password_from_stdin(app: Flask, client: FlaskClient) -> None:
    result = app.test_cli_runner().invoke(args=[*CREATE, "--password-stdin"], input=f"{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert "root@example.org" in result.stdout
    root = sign_in(client, "root@example.org")
    assert client.get("/api/v1/auth/me", headers=root.headers).get_json()["user_type"] == "admin"


def test_an_administrator_is_asked_for_the_password_twice(app: Flask, client: FlaskClient) -> None:
    result = app.test_cli_runner().invoke(args=CREATE, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    assert sign_in(client, "root@example.org")


def test_an_email_that_is_taken_is_a_refusal(app: Flask, client: FlaskClient) -> None:
    sign_up(client, "root@example.org")
    result = app.test_cli_runner().invoke(args=[*CREATE, "--password-stdin"], input=PASSWORD)
    assert result.exit_code == 1
    assert "Sign in to it" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (["--email", "nobody"], "email"),
        (["--name", ""], "name"),
    ],
)
def test_unacceptable_options_are_a_usage_error(app: Flask, args: list[str], named: str) -> None:
    result = app.test_cli_runner().invoke(args=[*CREATE, *args, "--password-stdin"], input=PASSWORD)
    assert result.exit_code == 2
    assert f"{named}:" in result.stderr


def test_a_short_password_is_a_usage_error(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=[*CREATE, "--password-stdin"], input="short\n")
    assert result.exit_code == 2
    assert "password:" in result.stderr


def test_the_list_is_one_json_document_newest_first(app: Flask, client: FlaskClient) -> None:
    for name, kind in (("a", "student"), ("b", "teacher"), ("c", "student")):
        sign_up(client, f"{name}@example.org", kind)
    runner = app.test_cli_runner()

    def listed(*args: str) -> list[str]:
        result = runner.invoke(args=["user", "list", "--json", *args])
        assert result.exit_code == 0, result.output
        return [item["email"][0] for item in json.loads(result.stdout)["items"]]

    assert listed() == ["c", "b", "a"]
    assert listed("--type", "student") == ["c", "a"]
    assert listed("--limit", "1") == ["c"]
    assert runner.invoke(args=["user", "suspend", "a@example.org"]).exit_code == 0
    assert listed("--state", "suspended") == ["a"]
    assert listed("--state", "active", "--type", "student") == ["c"]


def test_the_list_for_people_is_a_table(app: Flask, client: FlaskClient) -> None:
    sign_up(client, "a@example.org")
    result = app.test_cli_runner().invoke(args=["user", "list"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert "a@example.org" in result.stdout
    assert "argon2" not in result.stdout


def test_an_account_is_suspended_and_restored_by_email_or_id(app: Flask, client: FlaskClient) -> None:
    ada = sign_up(client)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["user", "suspend", " ADA@example.org"]).exit_code == 0
    assert client.get("/api/v1/auth/me", headers=ada.headers).status_code == 403
    assert runner.invoke(args=["user", "restore", str(ada.id)]).exit_code == 0
    assert sign_in(client)


@pytest.mark.parametrize("account", ["eve@example.org", "01890a5d-ac96-774b-bcce-b302099a8057"])
@pytest.mark.parametrize("command", ["suspend", "restore"])
def test_an_unknown_account_is_a_refusal(app: Flask, command: str, account: str) -> None:
    result = app.test_cli_runner().invoke(args=["user", command, account])
    assert result.exit_code == 1
    assert "no account" in result.stderr.lower() or "no such account" in result.stderr.lower()


@pytest.mark.parametrize("command", ["create-admin", "list", "suspend", "restore"])
def test_help_shows_an_example(app: Flask, command: str) -> None:
    result = app.test_cli_runner().invoke(args=["user", command, "--help"])
    assert result.exit_code == 0
    assert f"flask user {command}" in result.stdout
