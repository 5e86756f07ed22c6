"""What administrators decide about signs and reports, and the commands they do it with."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.auth.people import Person, make_admin
from tests.review.builders import API
from tests.review.rewarding import listed, praised, run, signals

pytestmark = pytest.mark.mariadb_torture  # rules, which ask nothing special of a database


def test_what_was_decided_is_kept_with_its_reason_and_who_decided(
    app: Flask, client: FlaskClient, stan: Person, course: dict[str, Any]
) -> None:
    make_admin(client)
    written = praised(client, stan, course)
    who = ["--by", "root@example.org"]
    assert "counts no more" in run(app, "review", "flag", written["id"], "--reason", "sold on a forum", *who)
    (raised,) = [each for each in listed(app, "review", "signals", written["id"]) if each["kind"] == "admin"]
    assert (raised["reason"], raised["noted_by"]) == ("sold on a forum", "root@example.org")
    run(app, "review", "clear", written["id"], "admin", "--reason", "was another", *who)
    (cleared,) = [each for each in listed(app, "review", "signals", written["id"]) if each["kind"] == "admin"]
    assert (cleared["cleared_reason"], cleared["cleared_by"]) == ("was another", "root@example.org")
    run(app, "review", "flag", written["id"], "--reason", "no, that one")
    assert signals(app, written["id"])["admin"] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["flag"], 2, "Name either one review or --scan."),
        (["flag", "{id}", "--scan"], 2, "Name either one review or --scan."),
        (["flag", "{id}"], 2, "Say why: --reason."),
        (["flag", "{id}", "--reason", "  "], 2, "Invalid value for '--reason'"),
        (["flag", "{nobody}", "--reason", "x"], 1, "There is no review with this id."),
        (["clear", "{id}", "same_wallet", "--reason", "x"], 1, "This review shows no such sign."),
        (["clear", "{id}", "rumour", "--reason", "x"], 2, "'rumour' is not one of"),
        (["clear", "{id}", "same_wallet"], 2, "Missing option '--reason'"),
        (["flag", "{id}", "--reason", "x", "--by", "stan@example.org"], 2, "no administrator"),
        (["reports", "close", "{nobody}", "--reason", "x"], 1, "There is no such report."),
    ],
)
def test_a_command_that_cannot_be_done_says_why(
    app: Flask,
    client: FlaskClient,
    stan: Person,
    course: dict[str, Any],
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    written = praised(client, stan, course)
    nobody = str(UUID(int=7))
    args = [each.format(id=written["id"], nobody=nobody) for each in arguments]
    done = app.test_cli_runner().invoke(args=["review", *args])
    assert (done.exit_code, said in done.stderr) == (code, True), done.stderr


def test_a_report_waits_until_an_administrator_has_looked(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any]
) -> None:
    written = praised(client, stan, course)
    body = {"reason": "not_genuine", "comment": "He told me he was paid for it."}
    answer = client.post(f"{API}/reviews/{written['id']}/report", json=body, headers=tess.headers)
    assert answer.status_code < 300, answer.text
    (report,) = listed(app, "review", "reports", "list")
    assert (report["review_id"], report["reporter"], report["comment"]) == (
        written["id"],
        "tess@example.org",
        body["comment"],
    )
    run(app, "review", "reports", "close", report["id"], "--reason", "no proof")
    assert listed(app, "review", "reports", "list") == []
    (closed,) = listed(app, "review", "reports", "list", "--all")
    assert closed["closed_reason"] == "no proof"
    again = app.test_cli_runner().invoke(args=["review", "reports", "close", report["id"], "--reason", "x"])
    assert (again.exit_code, "closed before" in again.stderr) == (1, True)
    assert signals(app, written["id"]) == {}


def test_a_report_is_closed_when_the_author_deletes_the_review(
    app: Flask, client: FlaskClient, tess: Person, stan: Person, course: dict[str, Any]
) -> None:
    path = f"{API}/reviews/{praised(client, stan, course)['id']}"
    assert client.post(f"{path}/report", json={"reason": "spam"}, headers=tess.headers).status_code == 201
    assert client.delete(path, headers=stan.headers).status_code == 204
    assert listed(app, "review", "reports", "list") == []
    (closed,) = listed(app, "review", "reports", "list", "--all")
    assert closed["closed_reason"] == "Its author deleted the review."
