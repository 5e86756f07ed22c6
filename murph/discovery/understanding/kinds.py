"""How far one is, and which languages may be spoken."""

import re

from murph.discovery.engine.text import fold
from murph.discovery.understanding.clauses import Names
from murph.discovery.understanding.lexicon import FILLER, LANGUAGES, PHRASES

BEGINNER, INTERMEDIATE, ADVANCED = LEVELS = ("beginner", "intermediate", "advanced")

_PATTERNS: dict[tuple[str, ...], str] = {
    (INTERMEDIATE, ADVANCED): PHRASES["no_beginner"],
    (BEGINNER, INTERMEDIATE): PHRASES["not_advanced"].replace("ADVANCED", PHRASES[ADVANCED]),
    **{(level,): rf"(?:(?:an?|the) )?{PHRASES[level]}" for level in (ADVANCED, INTERMEDIATE, BEGINNER)},
}
_LEVELS = {
    levels: re.compile(rf"\b{pattern}\b(?: level)?", re.IGNORECASE) for levels, pattern in _PATTERNS.items()
}
"""In this order: "not a beginner" has a beginner in it."""
_NAMES = rf"(?:{'|'.join(LANGUAGES)})"
_SEVERAL = rf"{_NAMES}(?: ?(?:,|/|\bor\b|\band\b) ?(?:in )?{_NAMES}){{0,4}}"
_LANGUAGE = re.compile(
    rf"\b(?:in|auf|en) (?P<in>{_SEVERAL})\b(?= ?(?:[.,;:!?)]|$|please|if|and|or|for|but|preferred))"
    rf"|\b(?P<fine>{_NAMES}) {PHRASES['fine']}"
    rf"|\b(?P<spoken>{_NAMES})"
    rf"(?:[- ](?:language|speaking|spoken|narrated)\b(?= {PHRASES['films']})|sprachige?\w?\b)",
    re.IGNORECASE,
)
_NAME = re.compile(rf"\b{_NAMES}(?![^\W_])|\b{_NAMES}(?=sprachig)", re.IGNORECASE)
_PLACEHOLDER = " beginner "
"""What stands for a level in what is left: a word of asking, so that "for a ..." does not end in the air."""


def levels(message: str) -> tuple[tuple[str, ...], str]:
    """Return the levels that will do, and what is left."""
    for found, pattern in _LEVELS.items():
        if pattern.search(message):
            return found, pattern.sub(_PLACEHOLDER, message)
    return (), message


def languages(message: str) -> tuple[tuple[str, ...], str]:
    """Return the languages (ISO 639-1) one of which is to be spoken, and what is left.

    "Learn Spanish" names a subject; "in Spanish" at an end, or "Spanish language videos", does not.
    """
    said = (match.group() for match in _LANGUAGE.finditer(message))
    codes = (LANGUAGES[name.lower()] for phrase in said for name in _NAME.findall(phrase))
    return tuple(dict.fromkeys(codes)), _LANGUAGE.sub(" ", message)


def spoken_before(topic: str, names: Names) -> tuple[str | None, str]:
    """Return the language that a topic begins with, if no course is named after it, and the rest of it.

    "German algorithms" are algorithms in German; "German for travellers" is a subject.
    """
    language, _, rest = topic.partition(" ")
    first = fold(rest.partition(" ")[0])
    if language.lower() not in LANGUAGES or not first or first in FILLER or names.is_in_a_name(language):
        return None, topic
    return LANGUAGES[language.lower()], rest
