"""What was wished besides the subject: price, length, level, language, and what it must not be."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from decimal import ROUND_FLOOR, Decimal
from typing import Self

NUMBERS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
        " seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "a": 1, "an": 1, "couple": 2}
LANGUAGES = {
    "english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it", "portuguese": "pt",
    "dutch": "nl", "polish": "pl", "russian": "ru", "ukrainian": "uk", "turkish": "tr", "arabic": "ar",
    "hebrew": "he", "hindi": "hi", "bengali": "bn", "urdu": "ur", "tamil": "ta", "telugu": "te",
    "chinese": "zh", "mandarin": "zh", "japanese": "ja", "korean": "ko", "vietnamese": "vi", "thai": "th",
    "indonesian": "id", "swedish": "sv", "norwegian": "no", "danish": "da", "finnish": "fi", "czech": "cs",
    "slovak": "sk", "hungarian": "hu", "romanian": "ro", "bulgarian": "bg", "greek": "el", "persian": "fa",
    "deutsch": "de", "espa\u00f1ol": "es", "fran\u00e7ais": "fr",
}  # fmt: skip
_NUMBER = r"(?:\d{1,6}(?:[.,]\d{1,2})?|" + "|".join(NUMBERS) + r")"
_LIMIT = (
    r"(?:(?:for\s+|costs?\s+|costing\s+|spend\s+|pay\s+|budget(?:\s+is|\s+of)?:?\s*|have\s+)*(?:not\s+more\s+than|no\s+more\s+than"
    r"|nothing\s+(?:over|above|more\s+than)|less\s+than|cheaper\s+than|at\s+most|up\s+to|max(?:imum|\.)?(?:\s+of)?:?|under"
    r"|below|within|around|about|only|just|for|budget(?:\s+is|\s+of)?:?|costs?|spend|pay|have)\s+)?"
)
_SIGN = r"(?:US\$|[$\u20ac\u00a3\u20b9])"
_COIN = r"(?:dollars?|bucks?|usd|euros?|eur|pounds?|gbp|rupees?|inr)"
_CENT = r"(?:cents?|\u00a2|ct)"
_MONEY = re.compile(
    rf"{_LIMIT}(?:{_SIGN}\s?(?P<signed>\d{{1,6}}(?:[.,]\d{{1,2}})?)|(?P<named>{_NUMBER})\s?(?:{_COIN}\b|[\u20ac$\u00a3])"
    rf"|(?P<cents>{_NUMBER})\s?{_CENT})(?P<each>\s*(?:/|per|a|an|each)\s*min(?:ute)?\b\.?)?"
    r"(?:\s+(?:in\s+total|total|max(?:imum)?|or\s+less|at\s+most|tops|to\s+spend))?",
    re.IGNORECASE,
)
_UNIT = r"(?P<unit>min(?:ute)?s?|h(?:ou)?rs?|h)"
_SHORTER = (
    r"(?:(?:nothing\s+(?:longer|over|above|more)(?:\s+than)?|not\s+longer\s+than|no\s+longer\s+than|shorter\s+than|not\s+more\s+than"
    r"|no\s+more\s+than|less\s+than|at\s+most|up\s+to|max(?:imum|\.)?:?|under|below|within|in|for|about|around|only|just"
    r"|have(?:\s+got)?|i'?ve\s+got|takes?)\s+)+"
)
_LENGTH = re.compile(
    rf"(?:{_SHORTER})(?:only\s+|just\s+|about\s+|around\s+)?(?:(?P<half>half\s+an?\s+hour)|(?P<quarter>a?\s*quarter\s+of\s+an\s+hour)"
    rf"|(?P<oneandhalf>an\s+hour\s+and\s+a\s+half|one\s+and\s+a\s+half\s+hours?)|(?P<number>{_NUMBER})(?:\s+of)?[\s-]?{_UNIT})\b"
    r"(?:\s+(?:or\s+less|max(?:imum)?|at\s+most|tops|long|to\s+spare|of\s+time|of\s+spare\s+time|today|tonight))*",
    re.IGNORECASE,
)
_THAT_LONG = re.compile(
    rf"\b(?:an?\s+)?(?P<number>{_NUMBER})[\s-](?P<unit>min(?:ute)?s?|h(?:ou)?rs?)(?=\s+(?:long\s+)?"
    r"(?:course|class|lesson|video|tutorial|lecture|intro\w*|crash|overview|session|primer|one)\b)",
    re.IGNORECASE,
)
_LEVELS = (
    ("advanced", r"advanced|expert(?:[ -]level)?|for\s+(?:experts|professionals|pros)|in[- ]depth"),
    ("intermediate", r"intermediate(?:[ -]level)?|mid[- ]level|not\s+a\s+beginner"),
    (
        "beginner",
        r"(?:absolute|complete|total|utter)?\s*(?:beginners?(?:[ -](?:friendly|level))?|newbies?|newcomers?|novices?|noobs?|rookies?"
        r"|starters)|from\s+(?:scratch|zero)|entry[- ]level|(?:with\s+)?(?:no|zero|without(?:\s+any)?)\s+(?:prior\s+|previous\s+)?"
        r"(?:experience|knowledge)|know\s+nothing(?:\s+about)?|never\s+(?:done|tried)",
    ),
)
_LEVEL = [
    (level, re.compile(rf"\b(?:an?\s+|the\s+)?(?:{words})\b(?:\s+level)?", re.IGNORECASE))
    for level, words in _LEVELS
]
_LANGUAGE = re.compile(
    rf"\b(?:in|auf|en)\s+(?P<in>{'|'.join(LANGUAGES)})\b(?=\s*(?:[.,;!?]|$|please|if|and|or|for|but|preferred))"
    rf"|\b(?P<spoken>{'|'.join(LANGUAGES)})[- ](?:language|speaking|spoken|narrated)\b(?=\s+(?:course|lesson|tutorial|video|lecture|class))",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"(?:(?<=^)|(?<=[.,;:!?(])|(?<=\bbut)|(?<=\band)|(?<=\bplease)|(?<=\bpls))\s*"
    r"(?:but\s+)?(?:please\s+)?(?:not|no|without|except(?:\s+for)?|excluding|exclude|avoid|anything\s+but"
    r"|nothing\s+(?:with|about|on|in|like)|other\s+than|i\s+(?:don'?t|do\s+not)\s+(?:want|like|need)|don'?t\s+show\s+me)\s+"
    r"(?:any\s+|anything\s+(?:with|about|on|in)\s+|to\s+use\s+|using\s+|the\s+)?"
    r"(?P<what>[^\s,.;:!?][^\s,;:!?]*(?:(?:\s+(?:or|nor|and)\s+|\s*,\s*(?:or|nor|no)\s+)[^\s,.;:!?][^\s,;:!?]*)*)"
    r"(?=\s*(?:[.,;:!?)]|$|please|courses?|stuff|videos?|again|this\s+time))(?:\s+(?:courses?|stuff|videos?|again|please))?",
    re.IGNORECASE,
)
_NEVER_EXCLUDED = frozenset(
    """sure too very idea experience clue rush hurry problem expensive long longer much many more hard boring free
    beginner beginners matter worries knowledge time money yet only just that this it them those now""".split()
)
_NAMED_MINUTES = {"half": 30, "quarter": 15, "oneandhalf": 90}
_HOURS = re.compile(r"h", re.IGNORECASE)


@dataclass(frozen=True)
class Slots:
    """What a course should be like; None where nothing was said. Money is in minor units.

    `budget_minor` is for all of it, or for `minutes` of it when both were said.
    """

    price_minor: int | None = None
    budget_minor: int | None = None
    minutes: int | None = None
    level: str | None = None
    language: str | None = None
    excluded: tuple[str, ...] = ()

    def over(self, earlier: Self) -> Self:
        """Return these wishes, and those of an earlier message where nothing new was said."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        newer = {name: value for name, value in said.items() if value not in (None, ())}
        excluded = (*earlier.excluded, *(word for word in self.excluded if word not in earlier.excluded))
        return replace(earlier, **newer | {"excluded": excluded})


def read(message: str, *, places: int) -> tuple[Slots, str]:
    """Return what a message wishes for, and what is left of it; `places` are the decimals of the currency."""
    found = Slots()
    for matcher in (_money, _length, _level, _language, _exclusions):
        found, message = matcher(found, message, places)
    return found, message


def _money(found: Slots, message: str, places: int) -> tuple[Slots, str]:
    for match in _MONEY.finditer(message):
        amount = _number(match["signed"] or match["named"] or match["cents"])
        minor = int((amount * 10**places / (100 if match["cents"] else 1)).to_integral_value(ROUND_FLOOR))
        name = "price_minor" if match["each"] else "budget_minor"
        found = replace(found, **{name: minor})
    return found, _MONEY.sub(" ; ", message)


def _length(found: Slots, message: str, _places: int) -> tuple[Slots, str]:
    for match in _LENGTH.finditer(message):
        named = [name for name in _NAMED_MINUTES if match[name]]
        found = replace(found, minutes=_NAMED_MINUTES[named[0]] if named else _minutes(match))
    left = _LENGTH.sub(" ; ", message)
    for match in _THAT_LONG.finditer(left):
        found = replace(found, minutes=_minutes(match))
    return found, _THAT_LONG.sub(" ", left)


def _minutes(match: re.Match[str]) -> int:
    factor = 60 if _HOURS.match(match["unit"]) else 1
    return max(1, int(_number(match["number"]) * factor))


def _number(text: str) -> Decimal:
    plain = text.lower()
    return Decimal(NUMBERS[plain]) if plain in NUMBERS else Decimal(plain.replace(",", "."))


def _level(found: Slots, message: str, _places: int) -> tuple[Slots, str]:
    for level, pattern in _LEVEL:
        if pattern.search(message):
            return replace(found, level=level), pattern.sub(" beginner ", message)
    return found, message


def _language(found: Slots, message: str, _places: int) -> tuple[Slots, str]:
    match = _LANGUAGE.search(message)
    if match is None:
        return found, message
    language = LANGUAGES[(match["in"] or match["spoken"]).lower()]
    return replace(found, language=language), _LANGUAGE.sub(" ", message)


def _exclusions(found: Slots, message: str, _places: int) -> tuple[Slots, str]:
    excluded: list[str] = []

    def take(match: re.Match[str]) -> str:
        named = list(_named(match["what"]))
        excluded.extend(named)
        return " ; " if named else match.group()

    left = _NOT.sub(take, message)
    return replace(found, excluded=tuple(dict.fromkeys(excluded))), left


def _named(what: str) -> Iterator[str]:
    for word in re.split(r"\s+(?:or|nor|and)\s+|\s*,\s*(?:or|nor|no)\s+", what):
        name = word.strip(".").lower()
        if name and name not in _NEVER_EXCLUDED:
            yield name
