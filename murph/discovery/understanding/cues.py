"""What a message says about what was shown before: "cheaper", "not that teacher", "the second one"."""

import re
from dataclasses import dataclass
from typing import Any

from murph.discovery.understanding.lexicon import FORGETTABLE, PHRASES

_ONE = r"(?: (?:one|ones|options?|courses?|videos?|class|lessons?|alternatives?))?"
_MORE = rf"(?:{PHRASES['more']} ){{0,3}}"
_ENDS = rf"(?= ?(?:$|[.,;!?)]|{PHRASES['after_cue']}\b))"
_TEACHER = PHRASES["another_teacher"].replace("TEACHER", PHRASES["teachers"])


def _said_alone(phrases: str) -> re.Pattern[str]:
    """Return what finds phrases that are about what was shown, and not about a subject ("shorter reads")."""
    return re.compile(rf"\b{_MORE}{phrases}{_ONE}{_ENDS}", re.IGNORECASE)


CHEAPEST, SHORTEST, LONGEST, BEST_RATED = ORDERS = ("cheapest", "shortest", "longest", "best_rated")
_COURSES = r"(?:course|class|lesson|tutorial|video|lecture)(?:e?s)?"
_FIRST = {
    **{order: re.compile(rf"\b{PHRASES[order]}\b{_ONE}", re.IGNORECASE) for order in (CHEAPEST, BEST_RATED)},
    **{
        order: re.compile(
            rf"\b{PHRASES[order]}(?:{_ONE}{_ENDS}|(?= (?:\S{{1,30}} ){{1,3}}{_COURSES}\b))", re.IGNORECASE
        )
        for order in (SHORTEST, LONGEST)
    },
}
"""Lengths are followed by what is no subject, or by one with what it is: "shortest path" is a subject."""
_OF_SHOWN = re.compile(rf"\b{PHRASES['of_shown']}\b", re.IGNORECASE)
_PICK = re.compile(
    rf"\b(?:the )?(?P<ordinal>{PHRASES['ordinals']}) {PHRASES['shown']}\b"
    r"|(?:#|\b(?:number|option|no\.?) )(?P<number>[1-9])\b",
    re.IGNORECASE,
)
_ORDINALS = {word: number for number, word in enumerate(("first", "second", "third", "fourth", "fifth"))} | {
    word: number for number, word in enumerate(("1st", "2nd", "3rd", "4th", "5th"))
}
LAST = -1
_ADDING = re.compile(rf"^\W{{0,9}}{PHRASES['adding']}\b|\b(?:as well|too)\W{{0,9}}$", re.IGNORECASE)
_NARROWING = re.compile(rf"^\W{{0,9}}{PHRASES['narrowing']}\b", re.IGNORECASE)
_WISHES = "|".join(sorted({word for words in FORGETTABLE.values() for word in words}))
_FORGET = re.compile(
    rf"\b(?:{PHRASES['forgetting']} (?:about )?(?:(?:the|my|that) )?(?P<forgotten>{_WISHES})(?: limit)?"
    rf"|(?:the )?(?P<indifferent>{_WISHES})(?: really)? {PHRASES['not_mattering']}"
    rf"|(?:any|no|whatever) (?P<any>{_WISHES})(?: limits?| is (?:ok|okay|fine))?)\b",
    re.IGNORECASE,
)
_SIGNS = {
    "starts_over": re.compile(rf"\b{PHRASES['starting_over']}\b", re.IGNORECASE),
    "another_teacher": _said_alone(_TEACHER),
    **{
        name: _said_alone(PHRASES[name])
        for name in ("cheaper", "shorter", "longer", "harder", "easier", "another")
    },
}
"""In this order: what is found is taken out."""


@dataclass(frozen=True)
class Cues:
    """What is to be otherwise than in what was shown; `picks` counts from 0, LAST is the last one.

    `order` is what comes first, `of_shown` that it is of what was shown.
    `adds`: what it is about comes to what was sought before. `forgets`: the slots that count no longer.
    """

    cheaper: bool = False
    shorter: bool = False
    longer: bool = False
    order: str | None = None
    of_shown: bool = False
    level_steps: int = 0
    another: bool = False
    another_teacher: bool = False
    picks: int | None = None
    adds: bool = False
    forgets: frozenset[str] = frozenset()
    starts_over: bool = False


def read(message: str) -> tuple[Cues, str]:
    """Return what a message says about what was shown, and what is left of it."""
    said = message
    picks, message = _picked(message)
    forgets, message = _forgotten(message)
    order, message = _ordered(message)
    heard: dict[str, Any] = {}
    for name, pattern in _SIGNS.items():
        message, times = pattern.subn(" ; ", message)
        heard[name] = times > 0
    level_steps = heard.pop("harder") - heard.pop("easier")
    found = Cues(
        **heard,
        order=order,
        of_shown=bool(order and _OF_SHOWN.search(said)),
        level_steps=level_steps,
        picks=picks,
        adds=bool(_ADDING.search(said) or _NARROWING.match(said)),
        forgets=forgets,
    )
    return found, message


def _ordered(message: str) -> tuple[str | None, str]:
    for order, pattern in _FIRST.items():
        if pattern.search(message):
            return order, pattern.sub(" ", message)
    return None, message


def _picked(message: str) -> tuple[int | None, str]:
    match = _PICK.search(message)
    if match is None:
        return None, message
    left = _PICK.sub(" ; ", message)
    if match["number"]:
        return int(match["number"]) - 1, left
    return _ORDINALS.get(match["ordinal"].lower(), LAST), left


def _forgotten(message: str) -> tuple[frozenset[str], str]:
    words = {
        (match["forgotten"] or match["indifferent"] or match["any"]).lower()
        for match in _FORGET.finditer(message)
    }
    slots = frozenset(slot for slot, names in FORGETTABLE.items() if names & words)
    return slots, _FORGET.sub(" ; ", message)
