"""Type-ahead: what could be meant by the beginning of a word."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from murph.discovery.engine.text import STOP_WORDS, words

KINDS = {"title": "course", "category": "category", "teacher": "teacher"}
MAX_LOOKED_AT = 2_000


@dataclass(frozen=True, order=True)
class Completion:
    """A text that goes on as typed, what it is the name of, and the course if it is the title of one."""

    text: str
    kind: str
    key: str | None = None


class Completions:
    """The names that courses are known by, found by the beginning of any of their words.

    A name that no course has any more stays listed and is not shown.
    """

    def __init__(self) -> None:
        self._begins: list[tuple[str, Completion]] = []
        self._is_sorted = True
        self._listed: set[Completion] = set()
        self._by_key: dict[str, list[Completion]] = {}
        self._users: Counter[Completion] = Counter()

    def put(self, key: str, texts: Mapping[str, str]) -> None:
        """Add the names of a course, or replace those it has."""
        self.remove(key)
        names = [
            Completion(texts[name], kind, key if kind == "course" else None)
            for name, kind in KINDS.items()
            if texts.get(name)
        ]
        self._by_key[key] = names
        self._users.update(names)
        new = [name for name in names if name not in self._listed]
        self._listed.update(new)
        self._begins += [(begin, name) for name in new for begin in _begins(name.text)]
        self._is_sorted &= not new

    def remove(self, key: str) -> None:
        """Take the names of a course out, those of others excepted."""
        self._users.subtract(self._by_key.pop(key, ()))

    def complete(self, typed: str, *, limit: int) -> list[Completion]:
        """Return names in which some word begins as typed, those shared by most courses first."""
        wanted = " ".join(words(typed))
        if not wanted:
            return []
        if not self._is_sorted:
            self._begins.sort()
            self._is_sorted = True
        found: dict[Completion, tuple[bool, int, int, Completion]] = {}
        start = bisect_left(self._begins, (wanted,))
        for begin, name in self._begins[start : start + MAX_LOOKED_AT]:
            if not begin.startswith(wanted):
                break
            if self._users[name] > 0:
                is_first = " ".join(words(name.text)).startswith(wanted)
                found[name] = (not is_first, -self._users[name], len(name.text), name)
        return sorted(found, key=found.__getitem__)[:limit]


def _begins(text: str) -> Iterator[str]:
    found = words(text)
    for number, word in enumerate(found):
        if number == 0 or word not in STOP_WORDS:
            yield " ".join(found[number : number + 6])
