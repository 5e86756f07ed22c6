"""Sign-ins and refresh tokens that nobody can use any more go away, and no others."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from murph.auth import service
from murph.auth.models import RefreshToken, TokenFamily
from murph.auth.passwords import PasswordCost
from murph.auth.service import forgetting
from murph.core.db import db
from murph.core.queue import perform, registered_jobs
from tests.auth.people import PASSWORD

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def sign_in(app: Flask, number: int = 0, at: datetime = AT) -> service.Grant:
    email, cost = f"ada{number}@example.org", PasswordCost.of(app.config)
    return service.register(email=email, password=PASSWORD, name="Ada", user_type="student", cost=cost, at=at)


def renew(grant: service.Grant, at: datetime) -> service.Grant:
    ids = {"user_id": grant.user.id, "family_id": grant.family_id, "jti": grant.refresh_jti}
    return service.refresh(**ids, at=at)


def stored() -> tuple[set[UUID], set[UUID]]:
    """Return the sign-ins and the refresh tokens that there are."""
    db.session.rollback()
    return set(db.session.scalars(select(TokenFamily.id))), set(db.session.scalars(select(RefreshToken.jti)))


def test_what_expired_more_than_a_day_ago_is_forgotten_and_the_rest_is_not(app: Flask) -> None:
    old, young = sign_in(app, 1), sign_in(app, 2, at=AT + DAY)
    service.forget_expired(at=AT + 31 * DAY)
    assert stored() == ({old.family_id, young.family_id}, {old.refresh_jti, young.refresh_jti})
    service.forget_expired(at=AT + 31 * DAY + timedelta(seconds=1))
    assert stored() == ({young.family_id}, {young.refresh_jti})


def test_a_renewed_sign_in_loses_its_old_tokens_and_lives_on(app: Flask) -> None:
    first = sign_in(app)
    renewed = renew(first, AT + 20 * DAY)
    service.forget_expired(at=AT + 40 * DAY)
    assert stored() == ({first.family_id}, {renewed.refresh_jti})
    assert renew(renewed, AT + 40 * DAY).family_id == first.family_id


def test_a_sign_in_goes_with_tokens_of_clocks_that_disagreed(app: Flask) -> None:
    ahead = sign_in(app)
    renew(ahead, AT - timedelta(seconds=2))  # the last host to renew has the slower clock
    service.forget_expired(at=AT + 31 * DAY - timedelta(seconds=1))
    assert stored() == (set(), set())


def test_many_go_in_small_batches_and_a_second_run_finds_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 2)
    for number in range(5):
        sign_in(app, number)
    for _ in range(2):
        service.forget_expired(at=AT + 40 * DAY)
        assert stored() == (set(), set())


def test_the_clock_rings_for_it_every_hour(app: Flask) -> None:
    (job,) = (entry for entry in registered_jobs() if entry.name == "auth.forget_expired")
    assert job.every_s == 3600
    sign_in(app, at=AT - 9999 * DAY)
    perform(job.name, {})
    assert stored() == (set(), set())
