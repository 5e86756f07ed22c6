"""Who did what can be read, and not be changed."""

import json
from collections.abc import Iterator
from typing import Any

import click
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from murph.app.backup import cli as backup_cli
from murph.core import audit, clock
from murph.core.cli import READS, CommandGroup, Deed
from murph.core.db import db, transactional
from tests.auth.people import PASSWORD, make_admin, sign_up
from tests.course.builders import COURSES, published_course
from tests.session.builders import fund


def ran(app: Flask, *args: str) -> Any:
    return app.test_cli_runner().invoke(args=list(args))


def listed(app: Flask, *args: str) -> list[dict[str, Any]]:
    result = ran(app, "audit", "list", "--json", *args)
    assert result.exit_code == 0, result.output
    items: list[dict[str, Any]] = json.loads(result.output)["items"]
    return items


def test_what_an_administrator_does_is_kept_with_who_asked_and_why(app: Flask, client: FlaskClient) -> None:
    mallory, root = sign_up(client, "mallory@example.org"), make_admin(client)
    why = ("--by", root.email, "--reason", "sells accounts")
    assert ran(app, "user", "suspend", "mallory@example.org", *why).exit_code == 0
    (entry,) = listed(app, "--object", str(mallory.id))
    assert (entry["action"], entry["origin"]) == ("cli.user.suspend", audit.operator())
    assert (entry["actor_id"], entry["reason"]) == (str(root.id), "sells accounts")
    assert "mallory" not in json.dumps(entry)
    assert listed(app, "--action", "cli.user", "--since", "2999-01-01") == []


def test_who_is_no_administrator_cannot_be_named_as_one(app: Flask, client: FlaskClient) -> None:
    stan = sign_up(client, "stan@example.org")
    assert ran(app, "user", "suspend", stan.email, "--by", stan.email).exit_code == 2
    assert listed(app, "--object", str(stan.id)) == []


def test_a_row_names_people_by_their_ids_only(app: Flask, client: FlaskClient) -> None:
    stan = sign_up(client, "stan@example.org")
    assert ran(app, "wallet", "topup", "--email", stan.email, "--amount", "5.00").exit_code == 0
    (entry,) = listed(app, "--object", str(stan.id))
    assert (entry["action"], entry["details"]["amount_minor"]) == ("cli.wallet.topup", 500)
    who = ("--email", "jane@example.org", "--name", "Jane Roe", "--password-stdin")
    made = app.test_cli_runner().invoke(args=["user", "create-admin", *who], input=f"{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    assert "Jane" not in json.dumps(listed(app))


def test_a_refusal_is_kept_too(app: Flask) -> None:
    unknown = "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"
    told = ran(app, "wallet", "payouts", "reject", unknown, "--reason", "closed")
    assert told.exit_code == 1
    refused, asked = listed(app, "--object", unknown)
    assert (asked["action"], asked["reason"]) == ("cli.wallet.payouts.reject", "closed")
    assert refused["action"] == "cli.wallet.payouts.reject.refused"


def test_a_change_of_price_is_kept_with_both(app: Flask, client: FlaskClient) -> None:
    tess = sign_up(client, "tess@example.org", "teacher")
    course = published_course(client, tess, price_per_minute="3.00")
    for body in ({"title": "Another"}, {"price_per_minute": "4.00"}):
        changed = client.put(f"{COURSES}/{course['id']}", json=body, headers=tess.headers)
        assert changed.status_code == 200, changed.text
    (entry,) = listed(app, "--object", course["id"])
    assert (entry["actor_id"], entry["origin"]) == (str(tess.id), "api")
    assert entry["details"] == {"was_minor": 300, "is_minor": 400}
    assert entry["request_id"]


def test_what_decides_who_signs_in_or_where_money_goes_is_kept_by_name(
    app: Flask, client: FlaskClient
) -> None:
    tess, root = sign_up(client, "tess@example.org", "teacher"), make_admin(client)
    me, connect, profile = "/api/v1/auth/me", "/api/v1/payments/wallet/connect", f"/api/v1/users/{tess.id}"
    wanted = {"name": "Eve", "email": "eve@example.org", "wallet_address": "acct-9"}
    proven = {"password": "another horse battery", "current_password": PASSWORD, "bio": "I teach."}
    for who, method, path, body in (
        (tess, "PUT", me, {"name": "Tess T."}),
        (tess, "PUT", me, {"email": "TESS@example.org"}),
        (tess, "POST", connect, {"wallet_address": "acct-7"}),
        (tess, "PUT", me, proven),
        (root, "PUT", profile, wanted),
        (root, "PUT", profile, wanted),
    ):
        answer = client.open(path, method=method, json=body, headers=who.headers)
        assert answer.status_code == 200, answer.text
    found = listed(app, "--object", str(tess.id))
    assert [(entry["actor_id"], entry["details"]["changed"]) for entry in found] == [
        (str(root.id), ["email", "name", "wallet_address"]),
        (str(tess.id), ["password"]),
        (str(tess.id), ["wallet_address"]),
    ]
    assert {entry["action"] for entry in found} == {"user.changed"}
    assert not [value for value in ("eve", "acct-9") if value in json.dumps(found).lower()]


def test_each_movement_of_money_leaves_a_line(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    stan = sign_up(client, "stan@example.org")
    fund(stan, 500)
    told = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    (line,) = [one for one in told if one["event"] == "audit.money"]
    assert (line["kind"], line["ref_type"], line["currency"]) == ("topup", "topup", "USD")
    assert line["moved_minor"] == [f"500 external:topup:sandbox -> user:{stan.id}:available"]


@pytest.mark.both_databases
@pytest.mark.parametrize("change", ["UPDATE audit_entry SET reason = 'x'", "DELETE FROM audit_entry"])
def test_no_entry_can_be_changed(app: Flask, change: str) -> None:
    audit.note("test", at=clock.now(), reason="a token=0123456789 in it", details={"password": "p"})

    @transactional
    def tamper() -> None:
        db.session.execute(text(change))

    with pytest.raises(DBAPIError, match="append-only"):
        tamper()
    (entry,) = audit.list_entries(limit=9)
    assert (entry.reason, entry.details) == ("a token=[redacted] in it", {"password": "[redacted]"})


def test_every_command_of_ours_is_written_down_unless_it_only_reads(app: Flask) -> None:
    def leaves(group: click.Group) -> Iterator[click.Command]:
        for each in group.commands.values():
            yield from leaves(each) if isinstance(each, click.Group) else [each]

    ours = [each for each in app.cli.commands.values() if isinstance(each, CommandGroup)]
    unwritten = {each for group in ours for each in leaves(group) if not isinstance(each, Deed)}
    without_a_log_yet = {backup_cli.restore}
    assert {each.name for each in unwritten - without_a_log_yet} <= READS
