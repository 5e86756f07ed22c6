"""Amounts of money and time in a message.

Blanks are single ones here, and what may be repeated has a limit, so that no text takes long to read.
"""

import re
from decimal import ROUND_FLOOR, Decimal

from murph.discovery.understanding.lexicon import NUMBERS, PHRASES

_DIGITS = r"(?:\d{1,3}(?:,\d{3}){1,2}(?:\.\d{1,2})?|\d{1,6}(?:[.,]\d{1,2})?)"
_NUMBER = rf"(?<![^\W_])(?:{_DIGITS}|{'|'.join(NUMBERS)})(?: (?:and a half)| of)?"
_SIGN = r"(?:US\$|[$\u20ac\u00a3\u20b9])"
_MONEY = re.compile(
    rf"(?:\b{PHRASES['spending']} )?(?:\b{PHRASES['at_most']} )?(?:(?<!\w){_SIGN} ?(?P<signed>{_DIGITS})"
    rf"|(?P<named>{_NUMBER}) ?(?:{PHRASES['coins']}\b|[\u20ac$\u00a3])"
    rf"|(?P<cents>{_NUMBER}) ?(?:(?:cents?|ct)\b|\u00a2))"
    r"(?P<each> ?(?:/|\bper|\ban?|\beach) ?(?:min(?:ute)?|(?P<hour>h(?:ou)?r?))\b\.?)?"
    rf"(?: {PHRASES['in_all']})?",
    re.IGNORECASE,
)
_UNIT = r"(?P<unit>min(?:ute)?s?|h(?:ou)?rs?|h)"
_LENGTH = re.compile(
    rf"\b(?:(?:{PHRASES['at_most']}|{PHRASES['taking']}) ){{1,3}}(?:(?P<half>half an? hour|half hour)"
    r"|(?P<quarter>(?:a )?quarter of an hour)|(?P<one_and_a_half>an hour and a half|one and a half hours?)"
    rf"|(?P<number>{_NUMBER})[ -]?{_UNIT})\b(?: {PHRASES['of_time']}){{0,3}}",
    re.IGNORECASE,
)
_WITH_LIMIT = re.compile(
    rf"(?:\b(?P<half>half an? hour|half hour)|(?P<number>{_NUMBER})[ -]?{_UNIT}) {PHRASES['limits_after']}\b",
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
_NAMED_MINUTES = {"half": 30, "quarter": 15, "one_and_a_half": 90}
MAX_MINUTES = 100_000


def money(message: str, *, places: int) -> tuple[int | None, int | None, str]:
    """Return the price per minute and the budget that were named last, in minor units, and what is left."""
    price_minor = budget_minor = None
    for match in _MONEY.finditer(message):
        amount = _number(match["signed"] or match["named"] or match["cents"])
        exact = amount * 10**places / (100 if match["cents"] else 1) / (60 if match["hour"] else 1)
        minor = int(exact.to_integral_value(ROUND_FLOOR))
        price_minor, budget_minor = (minor, budget_minor) if match["each"] else (price_minor, minor)
    return price_minor, budget_minor, _MONEY.sub(" ; ", message)


def length(message: str) -> tuple[int | None, str]:
    """Return the minutes that a course may take, as named last, and what is left."""
    minutes = None
    for pattern in (_LENGTH, _WITH_LIMIT, _BY_ITSELF, _THAT_LONG):
        for match in pattern.finditer(message):
            minutes = _minutes(match)
        message = pattern.sub(" " if pattern is _THAT_LONG else " ; ", message)
    return minutes, message


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
