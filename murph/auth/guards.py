"""Guards: the decorator that says who may call a view. Every view has exactly one.

They stand above the argument parser, so that 401 and 403 precede 422.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import g, request

from murph.auth import browser, tokens
from murph.auth.models import STUDENT, TEACHER
from murph.auth.queries import Principal
from murph.auth.service import AccountSuspended, TokenExpired, TokenInvalid, TokenRevoked
from murph.core.errors import Forbidden, Unauthenticated
from murph.core.http import bind_actor, guarded

__all__ = ["Principal", "current", "maybe_current", "public", "refreshing", "signed_in", "student", "teacher"]

F = TypeVar("F", bound=Callable[..., Any])

REFUSALS = (Unauthenticated, TokenInvalid, TokenExpired, TokenRevoked, AccountSuspended)
"""What every guard but `public` may answer with."""


def current() -> Principal:
    """Return who is asking, inside a view behind `signed_in`, `student` or `teacher`."""
    principal: Principal = g.principal
    return principal


def maybe_current() -> Principal | None:
    """Return who is asking, or None when no token was sent; for public routes that show more to some.

    Raises:
        TokenInvalid, TokenExpired, TokenRevoked, AccountSuspended: a token was sent and is not good.
    """
    return _authenticate() if "Authorization" in request.headers else None


def public(view: F) -> F:
    """Let everybody in."""
    return guarded(view, "public")


def signed_in(view: F) -> F:
    """Let in every active account."""
    return _guard(view, "signed_in", _authenticate)


def student(view: F) -> F:
    """Let in students."""
    return _guard(view, "student", lambda: _require(STUDENT), Forbidden)


def teacher(view: F) -> F:
    """Let in teachers."""
    return _guard(view, "teacher", lambda: _require(TEACHER), Forbidden)


def refreshing(view: F) -> F:
    """Let in the bearer of a refresh token, or a page that has it in its cookie; the view gets its claims."""

    @wraps(view)
    def guard(*args: Any, **kwargs: Any) -> Any:
        token = browser.sent_token() if browser.is_asked_for() else _bearer_token()
        return view(tokens.read_refresh_token(token), *args, **kwargs)

    refusals = (*REFUSALS, *browser.REFUSALS)
    return guarded(guard, "refreshing", raises=refusals)  # type: ignore[return-value]


def _guard(view: F, name: str, check: Callable[[], Principal], *refusals: type[Forbidden]) -> F:
    @wraps(view)
    def guard(*args: Any, **kwargs: Any) -> Any:
        g.principal = check()
        bind_actor(g.principal.user_id)
        return view(*args, **kwargs)

    return guarded(guard, name, raises=(*REFUSALS, *refusals))  # type: ignore[return-value]


def _require(user_type: str) -> Principal:
    principal = _authenticate()
    if principal.user_type != user_type:
        raise Forbidden(f"This needs a {user_type} account; the token is of another kind.")
    return principal


def _authenticate() -> Principal:
    return tokens.authenticate_access_token(_bearer_token())


def _bearer_token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        raise Unauthenticated
    if scheme.lower() != "bearer" or not token:
        raise TokenInvalid("Write the header as 'Authorization: Bearer <token>'.")
    return token.strip()
