"""Signed tokens: written from a grant, read into claims, checked against the database."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from flask import Flask, current_app
from flask_jwt_extended import JWTManager, create_access_token, create_refresh_token
from jwt.exceptions import ExpiredSignatureError, PyJWTError

from murph.auth import service
from murph.auth.queries import Principal
from murph.auth.service import Grant, TokenExpired, TokenInvalid
from murph.core import clock
from murph.core.ids import parse_id

ACCESS_LIFETIME = timedelta(minutes=15)
ALGORITHM = "HS256"
ISSUER = "murph"
AUDIENCE = "murph-api"
CLOCK_SKEW = timedelta(seconds=1)
"""How far the clocks of two hosts may differ before one calls the other's fresh token premature."""


@dataclass(frozen=True)
class RefreshClaims:
    """What a refresh token says."""

    user_id: UUID
    family_id: UUID
    jti: UUID


def init_app(app: Flask) -> None:
    """Fix how tokens are signed: one algorithm, one issuer, one audience."""
    app.config |= {
        "JWT_ALGORITHM": ALGORITHM,
        "JWT_ENCODE_ISSUER": ISSUER,
        "JWT_ENCODE_AUDIENCE": AUDIENCE,
        "JWT_COOKIE_CSRF_PROTECT": False,
        "JWT_ACCESS_TOKEN_EXPIRES": ACCESS_LIFETIME,
        "JWT_REFRESH_TOKEN_EXPIRES": service.REFRESH_LIFETIME,
    }
    JWTManager(app)


def issue(grant: Grant) -> dict[str, Any]:
    """Sign the two tokens of a grant; `expires_in` is how many seconds the access token is good."""
    subject = str(grant.user.id)
    claims = {"role": grant.user.user_type, "family": str(grant.family_id)}
    refresh_claims = claims | {"jti": str(grant.refresh_jti)}
    return {
        "access_token": create_access_token(subject, additional_claims=claims),
        "refresh_token": create_refresh_token(subject, additional_claims=refresh_claims),
        "expires_in": int(ACCESS_LIFETIME.total_seconds()),
    }


def authenticate_access_token(token: str) -> Principal:
    """Return who bears an access token, after looking at the account and the sign-in.

    Raises:
        TokenInvalid, TokenExpired, TokenRevoked: all of them ``Unauthenticated``.
        AccountSuspended: the account is suspended.
    """
    claims = _read(token, "access")
    return service.authenticate(user_id=_id(claims, "sub"), family_id=_id(claims, "family"), at=clock.now())


def expires_at(token: str) -> datetime:
    """Return when a token that was found good stops being so."""
    return datetime.fromtimestamp(_read(token, "access")["exp"], UTC)


def read_refresh_token(token: str) -> RefreshClaims:
    """Return what a refresh token says; whether it is still good is ``service.refresh``'s to decide.

    Raises:
        TokenInvalid, TokenExpired: it is no refresh token of ours, or is past its time.
    """
    claims = _read(token, "refresh")
    return RefreshClaims(_id(claims, "sub"), _id(claims, "family"), _id(claims, "jti"))


def _read(token: str, kind: str) -> dict[str, Any]:
    try:
        # PyJWT itself: flask-jwt-extended reads each token twice, as there may be several keys.
        claims: dict[str, Any] = jwt.decode(
            token,
            current_app.config["JWT_SECRET_KEY"],
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            leeway=CLOCK_SKEW,
            options={"require": ["exp", "sub"]},
        )
    except ExpiredSignatureError as error:
        raise TokenExpired from error
    except (PyJWTError, UnicodeError) as error:
        raise TokenInvalid from error
    if claims.get("type") != kind:
        raise TokenInvalid
    return claims


def _id(claims: dict[str, Any], name: str) -> UUID:
    found = parse_id(str(claims.get(name)))
    if found is None:
        raise TokenInvalid
    return found
