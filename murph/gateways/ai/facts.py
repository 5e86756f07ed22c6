"""What a text says of courses, held against what our rows say of them.

A text is made of plain words and of words of the courses it is about; every other word would be news about
them. What it says of language, length, level, numbers and people has to be in a row, whatever the words are.
All of it is strict: a sentence lost costs nothing, as our own stands in for it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from murph.gateways.ai.claims import words_of
from murph.gateways.ai.port import Candidate
from murph.gateways.ai.text import visible

GAP = "\ufffc"
"""Stands where an address was."""

_ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|es|s|e)$")
_PLAIN_WORDS = (Path(__file__).parent / "plain_words.txt").read_text().split()
_NUMBERS = re.compile(
    r"\b(?:four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|"
    r"fou?rty|fifty|sixty|seventy|eighty|ninety|half|quarter|double|twice|percent|dozens?|hundreds?|thousands?|"
    r"millions?|billions?)\b",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    r"\b(?:seconds|minutes?|mins?|hours?|hrs?|days?|nights?|weeks?|weekends?|months?|years?|afternoons?|evenings?|"
    r"short(?:er|est|ly)?|long(?:er|est)?|quick(?:er|est|ly)?|fast(?:er|est)?|brief(?:ly)?|lasts?|lasting|duration|"
    r"length|lengthy)\b",
    re.IGNORECASE,
)
_LANGUAGES = (
    "english|german|deutsch|french|francais|français|spanish|espanol|español|italian|portuguese|dutch|hindi|"
    "bengali|tamil|telugu|marathi|gujarati|punjabi|urdu|arabic|hebrew|turkish|persian|farsi|russian|ukrainian|"
    "polish|czech|slovak|hungarian|romanian|greek|swedish|norwegian|danish|finnish|chinese|mandarin|cantonese|"
    "japanese|korean|vietnamese|thai|indonesian|malay|swahili|latin"
)
_SPOKEN = re.compile(
    rf"\b(?:{_LANGUAGES}|languages?|subtitl\w*|captions?|captioned|dubbed|translat\w*|speak\w*|spoken|narrat\w*)\b",
    re.IGNORECASE,
)
_PROMISES = re.compile(
    r"\b(?:certif\w*|diplomas?|degrees?|accredit\w*|credential\w*|badges?|guarantee\w*|warrant\w*|promis\w*|"
    r"jobs?|hired|hiring|salar(?:y|ies)|careers?|employ\w*|internships?|interviews? guaranteed|lifetime|"
    r"unlimited|download\w*|bonus\w*|prizes?|winn\w*|gifts?|trial|sponsor\w*|official\w*|approved|endors\w*|"
    r"nickels?|dimes?|penn(?:y|ies)|coupon\w*|vouchers?|promo\w*|deals? of)\b",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"\b(?:by (?!step|example|hand|doing|heart)|taught|teachers?|instructors?|prof(?:essors?)?|dr|lecturers?|"
    r"authors?|tutors?|mentors?|coach(?:es)?|engineers?|scientists?|founders?|ceo|ph\.?d|laureates?|nobel|"
    r"former|veterans?|universit\w*|colleges?|institut\w*|academ\w*|company|companies|famous|renowned|popular|"
    r"loved|loves?|students?|learners?|people|everyone|everybody|reviewers?|graduates?|alumni)\b",
    re.IGNORECASE,
)
_DOORS = re.compile(
    r"\b(?:visit\w*|click\w*|contact\w*|whats ?app|telegram|passwords?|passcodes?|pin code|"
    r"log(?:ging)?[ -]?(?:in|on)|sign(?:ing)?[ -]?(?:in|up)|register\w*|phone\w*|dial|message me|write to|"
    r"call (?:us|me|now)|e-?mail\w*|dot|https?|url)\b|[@\\]|\w/\w*\.|\w\.\w+/",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"\w\.(?!js\b|net\b(?<=asp\.net))[^\W\d]{2,}", re.IGNORECASE)
_LEVELS = {
    "beginner": "beginners?|novices?|newcomers?|newbies?|starters?|introductory|elementary",
    "intermediate": "intermediate",
    "advanced": "advanced|experts?|experienced|professionals?|challenging|demanding",
}
_ANY_LEVEL = re.compile("|".join(_LEVELS.values()))
_COMPARED = re.compile("(?:short|long|quick|fast)(?:er|est)?")
_CLAIMS = (_NUMBERS, _SPOKEN, _PROMISES, _PEOPLE, _DOORS, _DOTTED)


@dataclass(frozen=True)
class Facts:
    """What our rows say of some courses: a level if all of them have it, figures of one alone."""

    words: frozenset[str]
    titles: tuple[str, ...]
    level: str = ""
    minutes: int | None = None
    price: str = ""
    rating: float | None = None


def facts_of(candidates: Sequence[Candidate], *, said: Sequence[str] = ()) -> Facts:
    """Return what may be said of these courses together, in their words and those of what was `said`."""
    ours = [
        text
        for each in candidates
        for text in (each.title, each.description, each.category, *each.tags, *each.matched)
    ]
    levels = {each.level for each in candidates}
    return Facts(
        words=words_of([*ours, *said]),
        titles=tuple(_folded(each.title) for each in candidates if each.title),
        level=levels.pop() if len(levels) == 1 else "",
    )


def facts_of_one(candidate: Candidate) -> Facts:
    """Return what may be said of a course where its figures are shown as they are at the time."""
    return replace(
        facts_of([candidate]), minutes=candidate.minutes, price=candidate.price, rating=candidate.rating
    )


def says_more(text: str, facts: Facts, *, is_question: bool = False) -> bool:
    """Tell whether `text` says what our rows do not; a question may compare lengths and name levels."""
    rest = _without_ours(_folded(text), facts)
    claims = _CLAIMS if is_question else (*_CLAIMS, _LENGTH)
    return (
        GAP in rest
        or not words_of([text])
        or any(claim.search(rest) for claim in claims)
        or (not is_question and _names_another_level(rest, facts.level))
        or _has_a_word_of_its_own(rest, facts.words)
    )


def _folded(text: str) -> str:
    return visible(unicodedata.normalize("NFKC", text), limit=4 * len(text) or 1)


def _without_ours(text: str, facts: Facts) -> str:
    ours = [*facts.titles, facts.price]
    if facts.minutes is not None:
        ours.append(f"{facts.minutes} minutes")
    if facts.rating is not None:
        ours += [f"rated {facts.rating:.1f} of 5", f"{facts.rating:.1f} of 5"]
    for each in sorted(filter(None, ours), key=len, reverse=True):
        text = re.sub(rf"(?<![\w.,]){re.escape(each)}(?!\w|[.,]\d)", " ", text, flags=re.IGNORECASE)
    return text


def _names_another_level(text: str, level: str) -> bool:
    others = (words for name, words in _LEVELS.items() if name != level)
    return any(re.search(rf"\b(?:{words})\b", text, re.IGNORECASE) for words in others)


def _has_a_word_of_its_own(text: str, known: frozenset[str]) -> bool:
    stems = _PLAIN | {_stem(word) for word in known}
    return any(
        not _has_letters(word) or not (_stem(word) in stems or _is_checked_elsewhere(word))
        for word in words_of([text])
    )


def _has_letters(word: str) -> bool:
    """Tell a word from a number: those of ours have been taken out."""
    return any(sign.isalpha() for sign in word)


def _is_checked_elsewhere(word: str) -> bool:
    return bool(_ANY_LEVEL.fullmatch(word) or _COMPARED.fullmatch(word))


def _stem(word: str) -> str:
    return _ENDING.sub("", word)


_PLAIN = frozenset(map(_stem, _PLAIN_WORDS))
