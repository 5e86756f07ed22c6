"""Where a sign-in came from, as hashes that can be compared and tell nothing else.

They are kept with the sign-in and forgotten with it. A changed SECRET_KEY makes other hashes: what came
before cannot be compared with what comes after.
"""

import hashlib
import hmac
from dataclasses import dataclass

from murph.core import homes


@dataclass(frozen=True)
class Origin:
    """The hashes of an address and of what the program there calls itself, where they tell somebody apart."""

    address_hash: str | None = None
    agent_hash: str | None = None


NOWHERE = Origin()


def origin_of(*, address: str | None, agent: str | None, secret: str) -> Origin:
    """Return the hashes of a network address and a browser's name, keyed with `secret`.

    An address that is only valid in some network (private, loopback) has none: behind a proxy that nobody
    declared all people would seem to share it.
    """
    place = _place(address or "")
    return Origin(
        address_hash=_hash(f"address {place}", secret) if place else None,
        agent_hash=_hash(f"agent {agent}", secret) if agent else None,
    )


def _place(address: str) -> str | None:
    found = homes.read(address)
    return homes.home_of(found) if found is not None and found.is_global else None


def _hash(text: str, secret: str) -> str:
    key = hmac.digest(secret.encode(), b"where a sign-in came from", "sha256")
    return hmac.new(key, text.encode(errors="replace"), hashlib.sha256).hexdigest()
