"""What a model may not say, as only our rows know it: money, ratings, ids, and names of what we have not.

All of it is strict: a sentence lost costs nothing, as our own stands in for it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from murph.core.money import EXPONENTS

_USUAL = "USD EUR GBP INR CNY RUB BRL MXN CAD AUD NZD CHF SEK NOK DKK PLN CZK HUF TRY THB IDR"
_CODES = "|".join([*EXPONENTS, *_USUAL.split()])
_MONEY = re.compile(
    r"\b(?:dollars?|euros?|cents?|rupees?|yen|yuan|pesos?|francs?|rubles?|roubles?|bucks|pennies|quid)\b"
    rf"|\d\s?(?:{_CODES})\b|\b(?:{_CODES})\s?\d"
    r"|\b(?:free|gratis|cheap(?:er|est|ly)?|expensive|affordabl[ey]|inexpensive|pric(?:e|es|ed|ey|ing)|"
    r"discount(?:s|ed)?|bargains?|refund(?:s|ed|able)?|budget|fees?|kostenlos|gratuite?s?|gratuito)\b"
    r"|\bcosts? (?:nothing|only|just|less|about|around|as little)|\bno (?:extra )?(?:cost|charge)\b"
    r"|\b(?:pay|paid|spend|save)\b|\d\s?% ?(?:off|less)\b|\bhalf off\b|\bon sale\b"
    r"|免费|бесплатно|मुफ़?्त|無料|무료|مجان",
    re.IGNORECASE,
)
_RATING = re.compile(
    r"[★☆⭐🌟✭✩]|\b(?:rated|rating|ratings|stars?|top-rated|best-?sell\w*|bestseller\w*|award\w*|acclaimed)\b"
    r"|\d\s?(?:/|out of|of|von|sur|de)\s?(?:5|10|100|five|ten)\b|#\s?1\b|\bnumber one\b"
    r"|\b(?:most popular|highest|top) (?:rated|ranked|choice)|\bthousands of\b|\bmillions of\b"
    r"|\d[\d.,]*\s?[km]?\+?\s(?:\w+ )?(?:student|learner|review|rating|people|user|enrol)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“„«»”]([^\"“„«»”]{2,150})[\"“„«»”]|\*\*?([^*]{2,150})\*\*?|`([^`]{2,150})`")
_NAME = re.compile(
    r"(?<=[\w,;:] )[A-Z][\w'’.+#-]*(?: (?:(?:of|the|and|for|to|in|with|&) ){0,2}[A-Z0-9][\w'’.+#-]*)+"
)
_ID = re.compile(
    r"\bcourse[_ ]?ids?\b|\b[0-9a-f]{8}(?:\W[0-9a-f]{4}){3}\W[0-9a-f]{12}\b"
    r"|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b|\b[0-9a-f]{32}\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+")


def sentences(text: str) -> list[str]:
    """Return the sentences of a text in one line."""
    return _SENTENCE.split(text)


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Return every word that occurs in these texts."""
    return frozenset(word for text in texts for word in _words(text))


def talks_of_money(text: str, *, ours: str = "") -> bool:
    """Tell whether `text` says something about a price; `ours` is one that may be said as it is."""
    folded = _without(unicodedata.normalize("NFKC", text), ours)
    return any(unicodedata.category(sign) == "Sc" for sign in folded) or bool(_MONEY.search(folded))


def talks_of_rating(text: str, *, ours: float | None = None) -> bool:
    """Tell whether `text` says how good people find something; `ours` is the rating that may be said."""
    folded = unicodedata.normalize("NFKC", text)
    if ours is not None:
        number = rf"(?<![\d.,]){ours:.1f} ?(?:/|out of|of) ?5(?![\d.,]\d|\d)"
        said = rf"(?:\b(?:is )?(?:rated|(?:a )?rating of) )?{number}(?: stars)?"
        folded = re.sub(said, "", folded, flags=re.IGNORECASE)
    return bool(_RATING.search(folded))


def names_an_id(text: str) -> bool:
    """Tell whether `text` has what is, or may be taken for, the id of a course."""
    return bool(_ID.search(unicodedata.normalize("NFKC", text)))


def names_something_else(text: str, known: frozenset[str]) -> bool:
    """Tell whether `text` quotes or names what has words that are not among those `known`."""
    return any(not set(_words(name)) <= known for name in _names(text))


def _names(text: str) -> Iterator[str]:
    for quoted in _QUOTED.finditer(text):
        yield quoted[1] or quoted[2] or quoted[3]
    yield from (name[0] for name in _NAME.finditer(text))


def _words(text: str) -> list[str]:
    found: list[str] = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return found


def _without(text: str, ours: str) -> str:
    return re.sub(rf"(?<![\w.,]){re.escape(ours)}(?![\w]|[.,]\d)", "", text) if ours else text
