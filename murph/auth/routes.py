"""Accounts over HTTP: ``/auth``, and changes of profiles below ``/users``."""

from typing import Any, cast
from uuid import UUID

import structlog
from flask import Response, current_app, g, request

from murph.auth import browser, guards, queries, service, tokens
from murph.auth.models import ADMIN, User
from murph.auth.origins import Origin, origin_of
from murph.auth.passwords import PasswordCost
from murph.auth.schemas import (
    ErasureIn,
    LoginIn,
    MeIn,
    ProfileIn,
    RegisterIn,
    SignedInOut,
    TokenPairOut,
    UserOut,
)
from murph.auth.service import Grant, PasswordChange, ProfileChanges
from murph.core import clock
from murph.core.errors import Forbidden
from murph.core.http import Blueprint
from murph.core.limits import RateLimited, by_home, limiter, setting

auth = Blueprint("auth", __name__, url_prefix="/auth", description="Sign up, sign in, one's own profile")
users = Blueprint("users", __name__, url_prefix="/users", description="Profiles")


def _tried_account() -> str:
    """Return what tries of a password are counted by: the account, in the form that finds it.

    An address that the account was signed in from has a count of its own: otherwise strangers who keep trying
    would keep its owner out.
    """
    if "tried_account" not in g:
        body = request.get_json(silent=True)
        email = body.get("email") if isinstance(body, dict) else None
        account, address = service.normalise_email(str(email))[:254], _origin().address_hash
        is_known = address and queries.has_signed_in_from(email=account, address_hash=address)
        g.tried_account = f"{account} {address}" if is_known else account
    return str(g.tried_account)


def _tried_from_here() -> str:
    """Return what makes the wait grow: whoever tries from elsewhere has a count of their own."""
    return f"{_tried_account()} from {by_home()}"


def _caller() -> str:
    return str(guards.current().user_id)


def _keeps_sign_in() -> bool:
    body = request.get_json(silent=True)
    return not (isinstance(body, dict) and (body.get("password") or body.get("email")))


_limit_of_sign_in = limiter.shared_limit(
    setting("LOGIN_LIMIT_PER_ACCOUNT"), scope="sign_in", key_func=_caller, exempt_when=_keeps_sign_in
)
"""Passwords are proved, and e-mails are said to be taken or free, as rarely as somebody may sign in."""


def _is_failure(response: Response) -> bool:
    return response.status_code == 401


@auth.route("/register", methods=["POST"])
@guards.public
@limiter.limit(setting("REGISTER_LIMIT_PER_ADDRESS"))
@auth.arguments(RegisterIn)
@auth.response(201, SignedInOut)
@auth.doc(parameters=[browser.DOCUMENTED])
@auth.raises(service.EmailTaken, *browser.REFUSALS, RateLimited)
def register(body: dict[str, Any]) -> dict[str, Any]:
    """Create an account and sign it in."""
    in_browser = browser.is_asked_for()
    grant = service.register(**body, cost=_cost(), origin=_origin(), at=clock.now())
    return _told(grant, in_browser) | {"user": grant.user}


@auth.route("/login", methods=["POST"])
@guards.public
@limiter.limit(setting("LOGIN_FAILURES_PER_ACCOUNT"), key_func=_tried_account, deduct_when=_is_failure)
@limiter.limit(setting("LOGIN_BACKOFF"), key_func=_tried_from_here, deduct_when=_is_failure)
@limiter.limit(setting("LOGIN_LIMIT_PER_ACCOUNT"), key_func=_tried_account)
@limiter.limit(setting("LOGIN_LIMIT_PER_ADDRESS"))
@auth.arguments(LoginIn)
@auth.response(200, SignedInOut)
@auth.doc(parameters=[browser.DOCUMENTED])
@auth.raises(service.InvalidCredentials, service.AccountSuspended, *browser.REFUSALS, RateLimited)
def login(body: dict[str, Any]) -> dict[str, Any]:
    """Sign in."""
    in_browser = browser.is_asked_for()
    with structlog.contextvars.bound_contextvars(client=request.remote_addr):
        grant = service.login(**body, cost=_cost(), origin=_origin(), at=clock.now())
    return _told(grant, in_browser) | {"user": grant.user}


@auth.route("/refresh", methods=["POST"])
@guards.refreshing
@auth.response(200, TokenPairOut)
@auth.doc(parameters=[browser.DOCUMENTED])
def refresh(claims: tokens.RefreshClaims) -> dict[str, Any]:
    """Exchange the refresh token, sent as the bearer token or in a page's cookie, for a fresh pair."""
    with structlog.contextvars.bound_contextvars(client=request.remote_addr):
        grant = service.refresh(
            user_id=claims.user_id, family_id=claims.family_id, jti=claims.jti, at=clock.now()
        )
    return _told(grant, browser.is_asked_for())


@auth.route("/logout", methods=["POST"])
@guards.signed_in
@auth.response(204)
@auth.doc(parameters=[browser.DOCUMENTED])
@auth.raises(*browser.REFUSALS)
def logout() -> None:
    """End this sign-in with all its tokens."""
    if browser.is_asked_for():
        browser.forget()
    service.logout(family_id=guards.current().family_id, at=clock.now())


@auth.route("/me", methods=["GET"])
@guards.signed_in
@auth.response(200, UserOut)
def me() -> User:
    """Return one's own profile."""
    return service.get_user(user_id=guards.current().user_id)


@auth.route("/me", methods=["PUT"])
@guards.signed_in
@_limit_of_sign_in
@auth.arguments(MeIn)
@auth.response(200, UserOut)
@auth.raises(service.EmailTaken, service.WrongPassword, RateLimited)
def update_me(body: dict[str, Any]) -> User:
    """Change one's own profile; a new password ends every other sign-in."""
    new, current = body.pop("password", None), body.pop("current_password", "")
    caller = guards.current()
    change = PasswordChange(current, new, caller.family_id, _cost()) if new else None
    changes = cast("ProfileChanges", body)  # what is left of it
    return service.update_profile(
        user_id=caller.user_id, changes=changes, password=change, actor_id=caller.user_id, at=clock.now()
    )


@users.route("/me", methods=["DELETE"])
@guards.signed_in
@_limit_of_sign_in
@users.arguments(ErasureIn)
@users.response(204)
@users.doc(parameters=[browser.DOCUMENTED])
@users.raises(service.WrongPassword, service.AccountInUse, *browser.REFUSALS, RateLimited)
def erase_me(body: dict[str, str]) -> None:
    """Delete one's own account: who it belonged to is forgotten, numbers without a name stay.

    Refused with 409 while a session runs, money is left or on its way, courses are published, somebody still
    watches one, or a bonus is yet to be decided on.
    """
    in_browser = browser.is_asked_for()
    service.erase(user_id=guards.current().user_id, password=body["password"], cost=_cost(), at=clock.now())
    if in_browser:
        browser.forget()


@users.route("/<uuid:user_id>", methods=["PUT"])
@guards.signed_in
@_limit_of_sign_in
@users.arguments(ProfileIn)
@users.response(200, UserOut)
@users.raises(Forbidden, service.UserNotFound, service.EmailTaken, RateLimited)
def update_profile(body: ProfileChanges, user_id: UUID) -> User:
    """Change a profile: one's own, or any as an administrator."""
    caller = guards.current()
    if caller.user_id != user_id and caller.user_type != ADMIN:
        raise Forbidden("Only the owner and administrators change a profile.")
    return service.update_profile(user_id=user_id, changes=body, actor_id=caller.user_id, at=clock.now())


def _cost() -> PasswordCost:
    return PasswordCost.of(current_app.config)


def _origin() -> Origin:
    agent = request.headers.get("User-Agent")
    return origin_of(address=request.remote_addr, agent=agent, secret=current_app.config["SECRET_KEY"])


def _told(grant: Grant, in_browser: bool) -> dict[str, Any]:
    pair = tokens.issue(grant)
    return browser.keep(pair) if in_browser else pair
