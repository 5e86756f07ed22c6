"""Argon2id password hashes: made and checked outside transactions, and off a gevent hub."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from murph.core.db import release_connection
from murph.core.off_hub import off_the_hub

T = TypeVar("T")


@dataclass(frozen=True)
class PasswordCost:
    """How much work one hash is (RFC 9106)."""

    time_cost: int
    memory_kib: int

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """Return the cost that the settings ask for."""
        return cls(config["PASSWORD_HASH_TIME_COST"], config["PASSWORD_HASH_MEMORY_KIB"])


def hash_password(password: str, cost: PasswordCost) -> str:
    """Return the hash to store for `password`."""
    return _apart(lambda: _hasher(cost).hash(password))


def matches(password_hash: str | None, password: str, cost: PasswordCost) -> bool:
    """Tell whether `password` made `password_hash`; None costs the same time and never matches."""
    return _apart(lambda: _verify(password_hash or _unmatchable(cost), password, cost))


def is_outdated(password_hash: str, cost: PasswordCost) -> bool:
    """Tell whether a hash was made with another cost."""
    return _hasher(cost).check_needs_rehash(password_hash)


def _hasher(cost: PasswordCost) -> PasswordHasher:
    return PasswordHasher(time_cost=cost.time_cost, memory_cost=cost.memory_kib, parallelism=1)


def _verify(password_hash: str, password: str, cost: PasswordCost) -> bool:
    try:
        return _hasher(cost).verify(password_hash, password)
    except VerifyMismatchError:
        return False


def _unmatchable(cost: PasswordCost) -> str:
    # Salt and digest of all zeros: well formed, of the usual cost, and the hash of nothing known.
    return f"$argon2id$v=19$m={cost.memory_kib},t={cost.time_cost},p=1${'A' * 22}${'A' * 43}"


def _apart(work: Callable[[], T]) -> T:
    release_connection()
    return off_the_hub(work)
