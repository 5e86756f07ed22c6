"""The segments of a revision as delivery needs them; it never changes, so they are kept in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from uuid import UUID

from murph.core.errors import NotFound
from murph.media import queries as media
from murph.media.models import HLS, MP4
from murph.media.service import revision_prefix

KEPT = 32


class RevisionGone(NotFound):
    """What the address was given out for was replaced or removed."""

    code = "revision_gone"
    detail = "This video was processed anew or removed. Ask for a new playback address."


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment: what is fetched at once."""

    window: int
    duration_ms: int
    object_key: str
    offset_bytes: int
    size_bytes: int

    @property
    def end_bytes(self) -> int:
        """Return where the next one begins."""
        return self.offset_bytes + self.size_bytes


@dataclass(frozen=True, slots=True)
class Window:
    """What is released at once: consecutive segments, from `begin_ms` to `end_ms` of the video."""

    number: int
    begin_ms: int
    end_ms: int

    @property
    def duration_ms(self) -> int:
        """Return how long it plays."""
        return self.end_ms - self.begin_ms


@dataclass(frozen=True, slots=True)
class Manifest:
    """A revision's segments and windows, each at the index of its number."""

    pieces: Sequence[Piece]
    windows: Sequence[Window]
    sealed_key: bytes | None
    mode: str


@lru_cache(maxsize=KEPT)
def manifest(asset_id: UUID, revision: int) -> Manifest:
    """Return what a revision consists of.

    Raises:
        RevisionGone: it is no more.
    """
    rows = media.segments(asset_id, revision)
    if not rows:
        raise RevisionGone
    pieces = tuple(
        Piece(row.window, row.duration_ms, row.object_key, row.offset_bytes, row.size_bytes) for row in rows
    )
    # What was made lies under its revision; without ffmpeg nothing is made, and the upload itself is played.
    is_made = pieces[0].object_key.startswith(revision_prefix(asset_id, revision))
    return Manifest(pieces, _windows(pieces), media.sealed_key(asset_id), HLS if is_made else MP4)


def _windows(pieces: Sequence[Piece]) -> tuple[Window, ...]:
    windows, begin_ms = [], 0
    for number, inside in groupby(pieces, key=lambda piece: piece.window):
        end_ms = begin_ms + sum(piece.duration_ms for piece in inside)
        windows.append(Window(number, begin_ms, end_ms))
        begin_ms = end_ms
    return tuple(windows)
