"""Signs in what is written: words that somebody else wrote before.

No pair of texts is compared that shares nothing rare, so a hundred thousand take seconds.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from uuid import UUID

from murph.review.fraud.findings import Finding
from murph.review.wording import SAYS_SOMETHING, words

COPIED_TEXT = "copied_text"
LONG = 60
"""So many characters nobody else writes by chance; shorter sentences are sometimes said twice."""
SHINGLE_WORDS, FEWEST_SHINGLES = 5, 4
ALIKE_PCT = 80
MOST_CANDIDATES = 200
"""With more earlier texts than this none is compared: such words are a stock phrase."""


@dataclass(frozen=True)
class Comment:
    """What a student wrote in a version of a review, and when these words were written."""

    review_id: UUID
    student_id: UUID
    written_at: datetime
    text: str
    version: int = 1


def copies(comments: Iterable[Comment]) -> dict[UUID, Finding]:
    """Find the texts that say what another student had said before, by review.

    Of a review with several versions the last is looked at, and each of them was said when it was
    written: who changes their words to another's is not the first, and who corrects their own still is.
    """
    ordered = sorted(comments, key=lambda each: (each.written_at, each.review_id, each.version))
    plain = {(each.review_id, each.version): words(each.text) for each in ordered}
    originals = _Originals(plain)
    found: dict[UUID, Finding] = {}
    for each in ordered:
        found.pop(each.review_id, None)
        length = len(" ".join(plain[each.review_id, each.version]))
        if length < SAYS_SOMETHING:
            continue
        match = originals.like(each)
        if match is None:
            originals.add(each)
        elif match[0].student_id != each.student_id:
            found[each.review_id] = _copy(match, length)
    return found


def of_words(text: str, *, said_in: UUID) -> Finding:
    """Return the finding that somebody else said exactly the words of `text` before, in another review."""
    return _finding(len(" ".join(words(text))), said_in, 100)


def _copy(match: tuple[Comment, int], length: int) -> Finding:
    original, alike_pct = match
    return _finding(length, original.review_id, alike_pct)


def _finding(length: int, original_id: UUID, alike_pct: int) -> Finding:
    what = "The same words" if alike_pct == 100 else "Nearly the same words"
    reason = f"{what} as in an earlier review by somebody else."
    facts = {"review_id": str(original_id), "alike_pct": alike_pct}
    return Finding(COPIED_TEXT, 0.2 if length >= LONG else 0.5, reason, facts)


class _Originals:
    """The texts that are no copies so far, by their words and by their rarest runs of words.

    Two sets of which four fifths are common share at least one of their rarest elements, however the
    elements are ranked, as long as all sets rank them alike (prefix filtering).
    """

    def __init__(self, plain: dict[tuple[UUID, int], list[str]]) -> None:
        self._shingles = {key: _shingles(found) for key, found in plain.items()}
        self._plain = {key: " ".join(found) for key, found in plain.items()}
        self._frequency = Counter(shingle for found in self._shingles.values() for shingle in found)
        self._by_text: dict[str, Comment] = {}
        self._by_shingle: dict[int, list[Comment]] = defaultdict(list)

    def add(self, comment: Comment) -> None:
        """Note a text that is no copy."""
        self._by_text[self._plain[_key(comment)]] = comment
        for shingle in self._rarest(comment):
            self._by_shingle[shingle].append(comment)

    def like(self, comment: Comment) -> tuple[Comment, int] | None:
        """Return an earlier text like this one and how alike they are in percent, if there is any."""
        same = self._by_text.get(self._plain[_key(comment)])
        if same is not None:
            return same, 100
        own = self._shingles[_key(comment)]
        for shingle in self._rarest(comment):
            candidates = self._by_shingle.get(shingle, ())
            for other in candidates if len(candidates) <= MOST_CANDIDATES else ():
                theirs = self._shingles[_key(other)]
                alike_pct = len(own & theirs) * 100 // len(own | theirs)
                if alike_pct >= ALIKE_PCT:
                    return other, alike_pct
        return None

    def _rarest(self, comment: Comment) -> list[int]:
        own = self._shingles[_key(comment)]
        if len(own) < FEWEST_SHINGLES:
            return []
        needed = len(own) - ceil(len(own) * ALIKE_PCT / 100) + 1
        return sorted(own, key=lambda shingle: (self._frequency[shingle], shingle))[:needed]


def _key(comment: Comment) -> tuple[UUID, int]:
    return comment.review_id, comment.version


def _shingles(found: list[str]) -> set[int]:
    """Return the runs of five words, each as a number of this process."""
    return {hash(tuple(found[at : at + SHINGLE_WORDS])) for at in range(len(found) - SHINGLE_WORDS + 1)}
