"""Amounts of money and time in a message.

Blanks are single ones here, and what may be repeated has a limit, so that no text takes long to read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from murph.core import money as currencies
from murph.discovery.understanding.lexicon import COINS, NUMBERS, PHRASES

_DIGITS = r"(?:\d{1,3}(?:,\d{3}){1,2}(?:\.\d{1,2})?|\d{1,6}(?:[.,]\d{1,2})?)"
_NUMBER = rf"(?<![^\W_])(?:{_DIGITS}|{'|'.join(NUMBERS)})(?: (?:and a half)| of)?"
_SIGNS = "|".join(re.escape(coin) for coin in sorted(COINS, reverse=True) if not coin.isalpha())
_COINS = "|".join(sorted(filter(str.isalpha, COINS), reverse=True))
_EACH = r"(?: ?(?:/|\bper|\ban?|\beach) ?(?:min(?:ute)?|(?P<hour>h(?:ou)?r?))\b\.?)"
_MORE = rf"(?: ?\+| {PHRASES['or_more']})"
_MONEY = re.compile(
    rf"(?:\b(?P<spending>{PHRASES['spending']}) )?"
    rf"(?:\b(?:{PHRASES['at_most']}|(?P<least>{PHRASES['at_least']})) )?"
    rf"(?:(?<!\w)(?P<sign>{_SIGNS}) ?(?P<signed>{_DIGITS})"
    rf"|(?P<named>{_NUMBER}) ?(?P<coin>(?:{_COINS})\b|{_SIGNS})"
    rf"|(?P<cents>{_NUMBER}) ?(?:(?:cents?|ct)\b|\u00a2))"
    rf"(?P<each>{_EACH})?(?: {PHRASES['in_all']}|(?P<more>{_MORE}))?",
    re.IGNORECASE,
)
_UNIT = r"(?P<unit>min(?:ute)?s?|h(?:ou)?rs?|h)"
_SPAN = (
    r"(?:(?P<half>half an? hour|half hour)|(?P<quarter>(?:a )?quarter of an hour)"
    r"|(?P<one_and_a_half>an hour and a half|one and a half hours?)"
    rf"|(?P<number>{_NUMBER})[ -]?{_UNIT})"
)
_LENGTH = re.compile(
    rf"\b(?:(?:{PHRASES['at_most']}|(?P<at_hand>{PHRASES['at_hand']})|{PHRASES['taking']}"
    rf"|(?P<least>{PHRASES['at_least']})) ){{1,3}}{_SPAN}"
    rf"(?:(?P<more>{_MORE})|\b(?: {PHRASES['of_time']}){{0,3}})",
    re.IGNORECASE,
)
_WITH_LIMIT = re.compile(
    rf"(?:\b(?P<half>half an? hour|half hour)|(?P<number>{_NUMBER})[ -]?{_UNIT})"
    rf"(?: {PHRASES['limits_after']}\b|(?P<more>{_MORE}))",
    re.IGNORECASE,
)
_BY_ITSELF = re.compile(
    rf"(?:^|(?<=[,;/|.(\n-])) ?(?P<number>{_NUMBER})[ -]?{_UNIT}(?: {PHRASES['of_time']})?"
    r"(?= ?(?:$|[,;/|.!)\n]| -))",
    re.IGNORECASE,
)
_THAT_LONG = re.compile(
    rf"\b(?:an? )?(?P<number>{_NUMBER})[ -]{_UNIT}(?= (?:long )?{PHRASES['films']}\b)", re.IGNORECASE
)
_HOURS_AND_MINUTES = re.compile(
    r"\b(?P<hours>\d{1,2}|an|one|two|three) ?(?:h(?![a-z])|hours?\b|hrs?\b)"
    r"(?: ?(?P<tight>[0-5]\d)\b(?! ?[a-z$%])|(?: and|,)? ?(?P<minutes>\d{1,2}) ?(?:m|mins?|minutes?)\b)",
    re.IGNORECASE,
)
_WHAT = rf"(?:(?:{_COINS}|cents?|ct|min(?:ute)?s?|h(?:ou)?rs?|h)\b|{_SIGNS}|\u00a2)"
_RANGE = re.compile(
    r"(?:\b(?P<between>between|from) )?"
    rf"(?<!\w)(?P<sign>{_SIGNS})? ?(?P<low>{_DIGITS}) ?(?P<low_unit>{_WHAT})?"
    rf"(?: (?P<joint>and|to) |[-\u2013])(?P<sign_again>{_SIGNS})? ?"
    rf"(?P<high>{_DIGITS})[ -]?(?P<unit>{_WHAT})?(?!\w)"
    rf"(?P<each>{_EACH})?",
    re.IGNORECASE,
)
_NAMED_MINUTES = {"half": 30, "quarter": 15, "one_and_a_half": 90}
_NEGATED = re.compile(rf"\b{PHRASES['negated']}(?: \S{{1,20}}){{0,3}} ?$", re.IGNORECASE)
"""At the end of what stands before an amount: "I can't wait for" more than that is at most that."""
_COMPARED = re.compile("more|over|above|longer", re.IGNORECASE)
_LOOKED_BACK = 80
MAX_MINUTES = 100_000


@dataclass(frozen=True)
class Bounds:
    """The least and the most that something may be; None where nothing was said."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Amounts:
    """Prices per minute and budgets in minor units, and amounts in another currency, as they were written."""

    price: Bounds = Bounds()
    budget: Bounds = Bounds()
    foreign: tuple[str, ...] = ()


def spelled_out(message: str) -> str:
    """Return a message with "1h30" as minutes, and "5 to 10 minutes" as at least and at most so many."""
    return _RANGE.sub(_from_to, _HOURS_AND_MINUTES.sub(_in_minutes, message))


def _in_minutes(match: re.Match[str]) -> str:
    return f"{int(_number(match['hours'])) * 60 + int(match['tight'] or match['minutes'])} minutes"


def _from_to(match: re.Match[str]) -> str:
    sign, unit = match["sign"] or match["sign_again"] or "", match["unit"] or match["low_unit"] or ""
    is_said_so = match["between"] or (match["joint"] or "to").lower() == "to"
    if not (sign or unit) or not is_said_so or (match["low_unit"] or unit) != unit:
        return match.group()
    end = f" {unit}{match['each'] or ''}" if unit else match["each"] or ""
    return f" at least {sign}{match['low']}{end} ; at most {sign}{match['high']}{end}"


def money(message: str, *, currency: str) -> tuple[Amounts, str]:
    """Return the amounts that were named last, and what is left; none in another currency counts."""
    price, budget, foreign = Bounds(), Bounds(), dict[str, None]()
    for match in _MONEY.finditer(message):
        coin = (match["sign"] or match["coin"] or "").lower()
        if coin and currency not in COINS[coin]:
            foreign[_as_written(match)] = None
        elif match["each"]:
            price = _bounded(price, match, _minor(match, currency))
        else:
            budget = _bounded(budget, match, _minor(match, currency))
    return Amounts(price, budget, tuple(foreign)), _MONEY.sub(" ; ", message)


def _as_written(match: re.Match[str]) -> str:
    return f"{match['sign']}{match['signed']}" if match["sign"] else f"{match['named']} {match['coin']}"


def _minor(match: re.Match[str], currency: str) -> int:
    amount = _number(match["signed"] or match["named"] or match["cents"])
    scale = 10 ** currencies.places(currency)
    exact = amount * scale / (100 if match["cents"] else 1) / (60 if match["hour"] else 1)
    return int(exact.to_integral_value(ROUND_FLOOR))


def length(message: str) -> tuple[Bounds, str]:
    """Return the minutes that a course may take, as named last, and what is left."""
    bounds = Bounds()
    for pattern in (_LENGTH, _WITH_LIMIT, _BY_ITSELF, _THAT_LONG):
        for match in pattern.finditer(message):
            bounds = _bounded(bounds, match, _minutes(match))
        message = pattern.sub(" " if pattern is _THAT_LONG else " ; ", message)
    return bounds, message


def _bounded(bounds: Bounds, match: re.Match[str], value: int) -> Bounds:
    """Return the bounds with one more; another at-most replaces the one before, and so does an at-least."""
    said = match.groupdict()
    if _is_most(match, said):
        return Bounds(bounds.least, value)
    if said.get("at_hand"):  # "I have at least an hour" asks for nothing
        return bounds
    return Bounds(value, bounds.most)


def _is_most(match: re.Match[str], said: Mapping[str, str | None]) -> bool:
    """Tell whether an amount is the most there may be, also where "more than" it is denied or to be paid."""
    least = said.get("least")
    if not least:
        return not said.get("more")
    before = match.string[max(0, match.start() - _LOOKED_BACK) : match.start()]
    is_paid = re.match("spend|pay|afford", said.get("spending") or "", re.IGNORECASE)
    return bool(_COMPARED.match(least) and (is_paid or _NEGATED.search(before)))


def _minutes(match: re.Match[str]) -> int:
    for name, minutes in _NAMED_MINUTES.items():
        if match.groupdict().get(name):
            return minutes
    factor = 60 if match["unit"].lower().startswith("h") else 1
    return min(MAX_MINUTES, max(1, int(_number(match["number"]) * factor)))


def _number(text: str) -> Decimal:
    words = text.lower().removesuffix(" of")
    more = Decimal("0.5") if words.endswith(" and a half") else Decimal(0)
    words = words.removesuffix(" and a half")
    if words in NUMBERS:
        return NUMBERS[words] + more
    groups = re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", words)
    return Decimal(words.replace(",", "" if groups else ".")) + more
