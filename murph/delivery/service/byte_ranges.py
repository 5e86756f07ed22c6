"""How far a range of a plain MP4 may be sent: its windows are released like keys, as they are reached.

Bytes that belong to no window, the container's index above all, are free in a live session.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from murph.delivery import queries
from murph.delivery.manifests import Manifest, Piece
from murph.delivery.service.release import headroom_ms
from murph.delivery.tokens import Grant


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive bytes, of one piece or of none."""

    piece: Piece | None
    begin: int
    end: int


def reachable_end(grant: Grant, manifest: Manifest, *, begin: int, end: int) -> int:
    """Return up to where begin..end could be sent now; `begin` when not even its first window may go."""
    if grant.session_id is None:
        return end
    given = queries.windows_given(student_id=grant.user_id, video_id=grant.video_id, revision=grant.revision)
    return _reach(manifest, begin=begin, end=end, given=given, left_ms=headroom_ms(grant))


def spans(manifest: Manifest, *, begin: int, end: int) -> Iterator[Span]:
    """Cut the range begin..end where windows begin and end."""
    pieces = manifest.pieces
    index = max(0, bisect_right(pieces, begin, key=lambda piece: piece.offset_bytes) - 1)
    for piece in pieces[index:]:
        if begin < min(piece.offset_bytes, end):
            yield Span(None, begin, begin := min(piece.offset_bytes, end))
        if begin < min(piece.end_bytes, end):
            yield Span(piece, begin, begin := min(piece.end_bytes, end))
    if begin < end:
        yield Span(None, begin, end)


def _reach(manifest: Manifest, *, begin: int, end: int, given: Collection[int], left_ms: int) -> int:
    for span in spans(manifest, begin=begin, end=end):
        if span.piece is not None and span.piece.window not in given:
            left_ms -= span.piece.duration_ms
            if left_ms < 0:
                return span.begin
    return end
