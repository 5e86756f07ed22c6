"""How far one is, and which language is to be spoken."""

import re

from murph.discovery.understanding.lexicon import LANGUAGES, PHRASES

BEGINNER, INTERMEDIATE, ADVANCED = LEVELS = ("beginner", "intermediate", "advanced")

_LEVEL = {
    level: re.compile(rf"\b(?:(?:an?|the) )?{PHRASES[level]}\b(?: level)?", re.IGNORECASE)
    for level in (ADVANCED, INTERMEDIATE, BEGINNER)
}
"""In this order: "not a beginner" has a beginner in it."""
_NOT_TOO = re.compile(
    r"\b(?:not|nothing|isn'?t) (?:too|very|so|that|overly) "
    rf"(?:{PHRASES[ADVANCED]}|hard|difficult)\b",
    re.IGNORECASE,
)
"""What names no level: "not too advanced" is the other two."""
_NAMES = "|".join(LANGUAGES)
_LANGUAGE = re.compile(
    rf"\b(?:in|auf|en) (?P<in>{_NAMES})\b(?= ?(?:[.,;!?]|$|please|if|and|or|for|but|preferred))"
    rf"|\b(?P<spoken>{_NAMES})[- ](?:language|speaking|spoken|narrated)\b(?= {PHRASES['films']})",
    re.IGNORECASE,
)
_PLACEHOLDER = " beginner "
"""What stands for a level in what is left: a word of asking, so that "for a ..." does not end in the air."""


def level(message: str) -> tuple[str | None, str]:
    """Return how far one says one is, and what is left."""
    message = _NOT_TOO.sub(" ", message)
    for name, pattern in _LEVEL.items():
        if pattern.search(message):
            return name, pattern.sub(_PLACEHOLDER, message)
    return None, message


def language(message: str) -> tuple[str | None, str]:
    """Return the language (ISO 639-1) that a course is to be held in, and what is left.

    "Learn Spanish" names a subject; "in Spanish" at an end, or "Spanish language videos", does not.
    """
    match = _LANGUAGE.search(message)
    if match is None:
        return None, message
    return LANGUAGES[(match["in"] or match["spoken"]).lower()], _LANGUAGE.sub(" ", message)
