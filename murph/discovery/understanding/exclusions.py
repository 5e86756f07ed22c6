"""What a course must not be about."""

import re
from collections.abc import Iterator

from murph.discovery.understanding.lexicon import FILLER, NEVER_EXCLUDED, PHRASES

_WORD = r"[^\s,.;:!?][^\s,;:!?]{0,40}"
_OR = r"(?: (?:or|nor|and) | ?, ?(?:or|nor|no) )"
_WHAT = rf"(?P<what>{_WORD}(?:{_OR}{_WORD}){{0,5}})"
_ANY = rf"(?:{PHRASES['any_of']} ){{0,2}}"
_END = rf"(?= ?(?:[.,;:!?)]|$|{PHRASES['after_excluded']}))(?: {PHRASES['after_excluded']})?"
_BEGINS = re.compile(
    r"(?:^|(?<=[.,;:!?(])|(?<=\bbut)|(?<=\band)|(?<=\bplease)|(?<=\bpls)) ?(?:but )?(?:please )?"
    rf"{PHRASES['excluding']} {_ANY}{_WHAT}{_END}",
    re.IGNORECASE,
)
_ENDS = re.compile(rf"\b{PHRASES['excluding_anywhere']} {_ANY}{_WHAT}{_END}", re.IGNORECASE)
_BY = re.compile(
    rf"(?:\bbut )?\b{PHRASES['excluding_by']} "
    rf"(?P<what>{_WORD}(?: (?!{PHRASES['after_excluded']}\b){_WORD}){{0,3}}){_END}",
    re.IGNORECASE,
)
_OF_SEVERAL_WORDS = re.compile(
    r"(?:^|(?<=[.,;:!?(])|(?<=\bbut)) ?(?:but )?(?:please )?"
    rf"{PHRASES['excluding']} {_ANY}(?P<what>{_WORD}(?: {_WORD}){{1,2}}?){_END}",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(_OR, re.IGNORECASE)


def exclusions(message: str) -> tuple[tuple[str, ...], str]:
    """Return what a message does not want, in lower case, and what is left.

    A "not" or "without" inside a clause belongs to the subject: "annotation without reference genome".
    """
    excluded: list[str] = []

    def take(match: re.Match[str]) -> str:
        named = list(_named(match["what"]))
        excluded.extend(named)
        return " ; " if named else match.group()

    def take_name(match: re.Match[str]) -> str:
        *first, _ = match["what"].lower().split(" ")
        if not FILLER.isdisjoint(first) or _SEPARATOR.search(match["what"]):
            return match.group()
        excluded.append(match["what"].lower())
        return " ; "

    message = _BY.sub(take, message)
    for pattern in (_BEGINS, _ENDS):
        message = pattern.sub(take, message)
    message = _OF_SEVERAL_WORDS.sub(take_name, message)
    return tuple(dict.fromkeys(excluded)), message


def _named(what: str) -> Iterator[str]:
    for word in _SEPARATOR.split(what):
        name = word.strip(".").lower()
        if name and name not in NEVER_EXCLUDED:
            yield name
