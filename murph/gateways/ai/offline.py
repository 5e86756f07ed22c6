"""The embedded provider: our own sentences around what our search found, without a key or a network."""

from collections.abc import Sequence

from flask import has_app_context

from murph.core.db import release_connection
from murph.gateways.ai.port import MAX_CANDIDATES, OFFLINE, Candidate, Message, Pick, Suggestion
from murph.gateways.ai.text import plain

MAX_PICKS = 5
MAX_NAMED_WORDS = 4
MAX_TITLE = 80
MAX_WORD = 40
FOLLOWUPS = (
    "Is there something shorter?",
    "Is there something for a beginner?",
    "Is there something cheaper?",
)


class Offline:
    """The port's embedded adapter."""

    name = OFFLINE

    def suggest(
        self, messages: Sequence[Message], candidates: Sequence[Candidate], *, timeout_s: float = 0
    ) -> Suggestion:
        """Answer with the first MAX_PICKS candidates in our order, and with what speaks for each."""
        if has_app_context():
            release_connection()
        return Suggestion(
            reply=reply(candidates),
            picks=tuple(Pick(each.course_id, reason(each)) for each in candidates[:MAX_PICKS]),
            followups=FOLLOWUPS if candidates else (),
        )

    def load(self) -> None:
        """Do nothing: there is no vendor."""


def reply(candidates: Sequence[Candidate]) -> str:
    """Return a sentence on what was found."""
    if not candidates:
        return "Nothing in the catalogue fits that. Try other words, or fewer wishes at once."
    answers = [each for each in candidates if each.is_answer] or candidates[:1]
    best = plain(answers[0].title, limit=MAX_TITLE)
    others = " Others come near." if len(answers) < len(candidates) else ""
    if len(answers) == 1:
        return f"One course fits: {best}.{others}"
    count = "Many" if len(answers) >= MAX_CANDIDATES else len(answers)
    return f"{count} courses fit. The closest is {best}.{others}"


def reason(candidate: Candidate) -> str:
    """Return what speaks for a course, from its data alone."""
    if candidate.reason:
        return candidate.reason
    parts = [part for part in _facts(candidate) if part]
    sentence = "; ".join(parts) or "close to what you asked for"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _facts(candidate: Candidate) -> list[str]:
    words = [plain(word, limit=MAX_WORD) for word in candidate.matched[:MAX_NAMED_WORDS]]
    return [
        f"found in it: {', '.join(words)}" if words else "",
        plain(candidate.category, limit=MAX_WORD),
        f"level: {plain(candidate.level, limit=MAX_WORD)}" if candidate.level else "",
        f"{candidate.minutes} minutes" if candidate.minutes else "",
        candidate.price,
        f"rated {candidate.rating:.1f} of 5" if candidate.rating is not None else "",
    ]
