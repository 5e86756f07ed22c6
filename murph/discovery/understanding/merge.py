"""Several turns of a chat as one wish: what was said before holds until something else is said."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Self, TypeVar

from murph.discovery.engine.index import Part
from murph.discovery.engine.text import stem, words
from murph.discovery.understanding.cues import Cues
from murph.discovery.understanding.kinds import INTERMEDIATE, LEVELS
from murph.discovery.understanding.message import Understood
from murph.discovery.understanding.slots import Slots

MAX_PARTS = 8
_T = TypeVar("_T")


@dataclass(frozen=True)
class Shown:
    """A course that the last answer showed; the price is in minor units per minute."""

    key: str
    teacher: str
    price_minor: int | None = None
    minutes: int | None = None
    level: str | None = None


@dataclass(frozen=True)
class Sought:
    """What a chat seeks by now.

    `said` are wishes in so many words. `compared` are those that came of comparing ("cheaper"): they end
    with the subject they were about, and so does the `order` in which courses are to stand. What was refused
    stays refused; `picked` is the course meant, and `among` are the courses that alone are meant.
    """

    subject: tuple[Part, ...] = ()
    said: Slots = field(default_factory=Slots)
    compared: Slots = field(default_factory=Slots)
    refused_keys: tuple[str, ...] = ()
    refused_teachers: tuple[str, ...] = ()
    picked: str | None = None
    order: str | None = None
    among: tuple[str, ...] = ()

    @property
    def slots(self) -> Slots:
        """Return all wishes."""
        return self.compared.over(self.said)

    def forgetting(self, slots: Collection[str]) -> Self:
        """Return it without what was said or compared about these slots."""
        return replace(self, said=self.said.without(slots), compared=self.compared.without(slots))


def merge(earlier: Sought, message: Understood, shown: Sequence[Shown] = ()) -> Sought:
    """Return what is sought after a message, given what the last answer showed, the best first."""
    cues = message.cues
    before = Sought() if cues.starts_over else earlier.forgetting(cues.forgets)
    subject = _subject(before, message)
    is_new = bool(message.subject) and not cues.adds
    keys = [course.key for course in shown]
    said = message.slots.over(before.said)
    said = replace(said, excluded=_still_excluded(said.excluded, message))
    compared = Slots() if is_new else before.compared.without(message.slots.named())
    return Sought(
        subject,
        said,
        _compared(cues, shown[0] if shown else None, replace(before, compared=compared, said=said)),
        _joined(before.refused_keys, keys if cues.another else ()),
        _joined(before.refused_teachers, _refused_teachers(cues, shown)),
        picked=before.picked if message.is_only_asking else _picked(cues, shown),
        order=cues.order or (None if is_new else before.order),
        among=tuple(keys) if cues.of_shown and not message.subject else (),
    )


def _subject(before: Sought, message: Understood) -> tuple[Part, ...]:
    if not message.subject:
        refused = [set(map(stem, words(name))) for name in message.slots.excluded]
        return tuple(
            part
            for part in before.subject
            if not any(set(map(stem, words(part.text))) <= names for names in refused)
        )
    if not message.cues.adds:
        return message.subject
    return _joined(before.subject, message.subject)[-MAX_PARTS:]


def _still_excluded(excluded: tuple[str, ...], message: Understood) -> tuple[str, ...]:
    """Return what is excluded but for what is asked for now and was not excluded in the same breath."""
    asked = {stem(word) for part in message.subject for word in words(part.text)}
    return tuple(
        name
        for name in excluded
        if name in message.slots.excluded or not asked.issuperset(map(stem, words(name)))
    )


def _compared(cues: Cues, best: Shown | None, sought: Sought) -> Slots:
    """Return the wishes that come of comparing with the course that stood first."""
    newer = Slots()
    if cues.level_steps:
        newer = replace(newer, levels=_stepped(best, sought.slots.levels, cues.level_steps))
    if best and cues.cheaper and best.price_minor:
        newer = replace(newer, price_minor=best.price_minor - 1)
    if best and cues.shorter and best.minutes:
        newer = replace(newer, minutes=max(1, best.minutes - 1))
    if best and cues.longer and best.minutes:
        newer = replace(newer, min_minutes=best.minutes + 1)
    return newer.over(sought.compared)


def _stepped(best: Shown | None, levels: Sequence[str], steps: int) -> tuple[str, ...]:
    """Return the levels above that of the best course, or of what was said, or those below."""
    said = levels or (INTERMEDIATE,)
    place = LEVELS.index(best.level if best and best.level else said[-1 if steps > 0 else 0]) + steps
    place = max(0, min(place, len(LEVELS) - 1))
    return LEVELS[place:] if steps > 0 else LEVELS[: place + 1]


def _refused_teachers(cues: Cues, shown: Sequence[Shown]) -> list[str]:
    """Return the teacher of the course that was named, else of the one that stood first."""
    if not cues.another_teacher or not shown:
        return []
    place = cues.picks if cues.picks is not None and cues.picks < len(shown) else 0
    return [shown[place].teacher]


def _picked(cues: Cues, shown: Sequence[Shown]) -> str | None:
    if cues.picks is None or cues.another_teacher or cues.picks >= len(shown) or not shown:
        return None
    return shown[cues.picks].key


def _joined(first: Sequence[_T], second: Sequence[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys((*first, *second)))
