"""What a sign-in keeps of where it came from: enough to compare, too little to tell."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from murph.auth.models import TokenFamily
from murph.auth.origins import origin_of
from murph.core.db import db
from tests.auth.people import PASSWORD, sign_up
from tests.support.databases import make_app

LOGIN = "/api/v1/auth/login"
HOME, OFFICE = "81.2.69.142", "89.160.20.112"


def log_in(client: FlaskClient, address: str, agent: str = "Firefox", forwarded: str = "") -> TokenFamily:
    """Sign Ada in and return what the newest sign-in keeps."""
    headers = {"User-Agent": agent} | ({"X-Forwarded-For": forwarded} if forwarded else {})
    body = {"email": "ada@example.org", "password": PASSWORD}
    answer = client.post(LOGIN, json=body, headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == 200, answer.text
    db.session.rollback()  # the other application wrote with a session of its own
    newest = select(TokenFamily).order_by(TokenFamily.id.desc()).limit(1)
    return db.session.scalars(newest).one()


def test_two_sign_ins_from_one_place_can_be_told_and_the_place_cannot(client: FlaskClient) -> None:
    sign_up(client)
    one, again = log_in(client, HOME), log_in(client, HOME)
    elsewhere, otherwise = log_in(client, OFFICE), log_in(client, HOME, agent="Chrome")
    assert (one.address_hash, one.agent_hash) == (again.address_hash, again.agent_hash)
    assert one.address_hash == otherwise.address_hash != elsewhere.address_hash
    assert one.agent_hash == elsewhere.agent_hash != otherwise.agent_hash
    kept = f"{one.address_hash} {one.agent_hash}"
    assert HOME not in kept
    assert "Firefox" not in kept


def test_registering_is_a_sign_in_like_any_other(client: FlaskClient) -> None:
    body = {"email": "ada@example.org", "password": PASSWORD, "name": "Ada", "user_type": "student"}
    headers, base = {"User-Agent": "Firefox"}, {"REMOTE_ADDR": HOME}
    answer = client.post("/api/v1/auth/register", json=body, headers=headers, environ_base=base)
    assert answer.status_code == 201
    first = db.session.scalars(select(TokenFamily)).one()
    again = log_in(client, HOME)
    assert (first.address_hash, first.agent_hash) == (again.address_hash, again.agent_hash)


def test_behind_declared_proxies_it_is_the_callers_address_and_cannot_be_forged_by_the_header(
    app: Flask, client: FlaskClient, database: str, tmp_path: Path
) -> None:
    sign_up(client)
    direct = log_in(client, HOME).address_hash
    assert log_in(client, OFFICE, forwarded=HOME).address_hash != direct  # no proxy was declared
    secret = app.config["SECRET_KEY"]
    proxied = make_app(database, tmp_path, TRUSTED_PROXIES=1, SECRET_KEY=secret).test_client()
    assert log_in(proxied, "10.0.0.7", forwarded=HOME).address_hash == direct
    assert log_in(proxied, "10.0.0.7", forwarded=f"{OFFICE}, {HOME}").address_hash == direct


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.9", "100.64.0.1", "::1", "fe80::1%eth0", "fd00::1", "", None],
)
def test_an_address_that_many_networks_have_is_no_place(address: str | None) -> None:
    assert origin_of(address=address, agent="Firefox", secret="key").address_hash is None


def test_a_household_is_one_place_whatever_its_devices_call_themselves() -> None:
    def place(address: str) -> str | None:
        return origin_of(address=address, agent=None, secret="key").address_hash

    assert place("2001:4860:4860::8888") == place("2001:4860:4860:0:ffff::1") != place("2001:4860:4861::1")
    assert place(f"::ffff:{HOME}") == place(HOME)


def test_another_key_makes_other_hashes() -> None:
    one, other = (origin_of(address=HOME, agent="Firefox", secret=key) for key in ("one key", "another key"))
    assert one.address_hash != other.address_hash
    assert one.agent_hash != other.agent_hash


def test_nothing_is_kept_of_a_program_that_does_not_say_what_it_is() -> None:
    assert origin_of(address=HOME, agent="", secret="key").agent_hash is None
