"""What production does not run with: secrets that can be guessed, and settings made for trying things out."""

import os
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

SECRETS = ("SECRET_KEY", "JWT_SECRET_KEY", "MEDIA_KEY")
FORMER_SECRETS = ("SECRET_KEY_PREVIOUS", "MEDIA_KEY_PREVIOUS")
MIN_SECRET_LENGTH, MIN_SECRET_CHARACTERS = 32, 12
MIN_TOKEN_LENGTH, MIN_TOKEN_CHARACTERS = 16, 8
"""For what others make or send, such as the gateway."""
MEMORY_KIB = {1: 47_104, 2: 19_456, 3: 12_288, 4: 9_216, 5: 7_168}
"""What Argon2id needs at least for so many rounds (or more), as OWASP advises for one lane."""


def complaints(settings: Mapping[str, Any], *, takes_real_money: bool) -> Iterator[str]:
    """Yield a sentence, without its full stop, for each reason not to start in production."""
    yield from _weak_secrets(settings)
    yield from _equal_secrets(settings)
    yield from _absent_addresses(settings)
    yield from _weak_tokens(settings, takes_real_money=takes_real_money)
    yield from _cheap_passwords(settings)
    yield from _open_origins(settings)
    yield from _debugging()
    if not takes_real_money and not settings["ALLOW_TEST_MONEY"]:
        yield (
            "ALLOW_TEST_MONEY must be 1 to run this in production: without a FINTERNET_API_KEY that "
            "begins with sk_live_ all money here is test money"
        )


def _weak_secrets(settings: Mapping[str, Any]) -> Iterator[str]:
    in_use = [name for name in FORMER_SECRETS if settings[name]]  # they still open and verify
    for name in (*SECRETS, *in_use):
        yield from _weakness(name, settings[name], MIN_SECRET_LENGTH, MIN_SECRET_CHARACTERS)


def _equal_secrets(settings: Mapping[str, Any]) -> Iterator[str]:
    for one, other in combinations(SECRETS, 2):
        if settings[one] and settings[one] == settings[other]:
            yield f"{one} and {other} must be two different secrets in production"


def _absent_addresses(settings: Mapping[str, Any]) -> Iterator[str]:
    for name in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL"):
        if not settings[name]:
            yield f"{name} must be set in production"


def _weak_tokens(settings: Mapping[str, Any], *, takes_real_money: bool) -> Iterator[str]:
    for name in ("METRICS_TOKEN", *(["FINTERNET_WEBHOOK_SECRET"] if takes_real_money else [])):
        if settings[name]:
            yield from _weakness(name, settings[name], MIN_TOKEN_LENGTH, MIN_TOKEN_CHARACTERS)


def _weakness(name: str, secret: str, length: int, characters: int) -> Iterator[str]:
    if len(secret) < length:
        yield f"{name} must be set to at least {length} characters in production"
    elif len(set(secret)) < characters:
        yield (
            f"{name} must have at least {characters} different characters in production: "
            "let a generator of random text make it"
        )


def _cheap_passwords(settings: Mapping[str, Any]) -> Iterator[str]:
    rounds = settings["PASSWORD_HASH_TIME_COST"]
    needed = MEMORY_KIB[min(rounds, max(MEMORY_KIB))]
    if settings["PASSWORD_HASH_MEMORY_KIB"] < needed:
        yield (
            f"PASSWORD_HASH_MEMORY_KIB must be at least {needed} in production while "
            f"PASSWORD_HASH_TIME_COST is {rounds}"
        )


def _open_origins(settings: Mapping[str, Any]) -> Iterator[str]:
    if any("*" in origin for origin in settings["ALLOWED_ORIGINS"]):
        yield "ALLOWED_ORIGINS must name each origin in production, without *"


def _debugging() -> Iterator[str]:
    if os.environ.get("FLASK_DEBUG", "").lower() not in ("", "0", "false", "no"):
        yield "FLASK_DEBUG must not be set in production: whoever causes an error could run code"
