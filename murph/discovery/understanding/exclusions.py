"""What a course must not be about."""

import re
from collections.abc import Iterator

from murph.discovery.understanding.lexicon import NEVER_EXCLUDED, PHRASES

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

    for pattern in (_BEGINS, _ENDS):
        message = pattern.sub(take, message)
    return tuple(dict.fromkeys(excluded)), message


def _named(what: str) -> Iterator[str]:
    for word in _SEPARATOR.split(what):
        name = word.strip(".").lower()
        if name and name not in NEVER_EXCLUDED:
            yield name
