"""Where in a video something is said."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from murph.discovery.engine.text import stem, telling, words

NEIGHBOURS = 3
"""How many cues in a row are one passage."""
MIN_SHARE = 0.5
"""How much of what was asked, by weight, a passage must say to be shown."""


class Cue(NamedTuple):
    """What is said from `begin_ms` to `end_ms` of a video, and its `stems` with a space around each."""

    video_id: str
    begin_ms: int
    end_ms: int
    text: str
    stems: str


def stems_of(text: str) -> str:
    """Return the stems of a cue's words as they are kept with it: to find them takes a fifth of a search."""
    return " ".join(("", *dict.fromkeys(map(stem, telling(words(text)))), ""))


def best_passage(query: str, cues: Sequence[Cue], rarity: Callable[[str], float]) -> list[Cue]:
    """Return the cues in a row that say most of what was asked; none when none says half of it."""
    asked = {term: rarity(term) for term in map(stem, telling(words(query)))}
    whole = sum(asked.values())
    said = [{term for term, weight in asked.items() if weight and f" {term} " in cue.stems} for cue in cues]
    best, best_weight = range(0), whole * MIN_SHARE
    for start, terms in enumerate(said):
        if not terms:
            continue
        stop = _end_of_passage(cues, start)
        weight = sum(asked[term] for term in set().union(*said[start:stop]))
        if weight > best_weight or (weight == best_weight and not best):
            best, best_weight = range(start, stop), weight
    return [cues[number] for number in best] if whole else []


def _end_of_passage(cues: Sequence[Cue], start: int) -> int:
    stop = min(start + NEIGHBOURS, len(cues))
    while cues[stop - 1].video_id != cues[start].video_id:
        stop -= 1
    return stop
