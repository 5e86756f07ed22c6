"""Money at the edge: decimal strings outside, integer minor units inside."""

import re
from functools import lru_cache

_NO_PLACES = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_PLACES = "BHD IQD JOD KWD LYD OMR TND"
EXPONENTS = dict.fromkeys(_NO_PLACES.split(), 0) | dict.fromkeys(_THREE_PLACES.split(), 3)
"""ISO 4217 decimal places; every currency not named here has two."""

MAX_INPUT_MINOR = 10_000_000
"""The largest amount a request may name, in minor units."""


def places(currency: str) -> int:
    """Return how many decimal places `currency` is written with (ISO 4217)."""
    return EXPONENTS.get(currency, 2)


@lru_cache(maxsize=4096)
def to_text(amount_minor: int, currency: str) -> str:
    """Write minor units as a decimal string, e.g. 3000 as ``"30.00"``."""
    digits = places(currency)
    sign = "-" if amount_minor < 0 else ""
    whole, rest = divmod(abs(amount_minor), 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"


def parse(value: object, currency: str) -> int:
    """Read an amount sent by a client into minor units.

    Accepts a JSON string or number whose text is plain ASCII digits with at most the currency's
    places; booleans, exponents, signs, white space and anything above MAX_INPUT_MINOR are refused.

    Raises:
        ValueError: with a sentence that says what is expected.
    """
    digits = places(currency)
    fraction = rf"(?:\.([0-9]{{1,{digits}}}))?" if digits else "()"
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(_expected(currency))
    match = re.fullmatch(rf"([0-9]{{1,9}}){fraction}", str(value), re.ASCII)
    if match is None:
        raise ValueError(_expected(currency))
    amount_minor: int = int(match[1]) * 10**digits + int((match[2] or "").ljust(digits, "0") or 0)
    if amount_minor > MAX_INPUT_MINOR:
        raise ValueError(f"At most {to_text(MAX_INPUT_MINOR, currency)} {currency}.")
    return amount_minor


def _expected(currency: str) -> str:
    return f'Expected an amount in {currency} such as "{to_text(3000, currency)}".'
