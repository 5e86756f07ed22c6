"""The text of an HLS media playlist (RFC 8216)."""

from collections.abc import Iterator

from murph.delivery.manifests import Manifest


def playlist(manifest: Manifest) -> str:
    """Return the playlist of a whole video, one key for each window, every address relative to it.

    No IV is named: it is the segment's media sequence number (RFC 8216, 5.2).
    """
    return "\n".join(_lines(manifest)) + "\n"


def _lines(manifest: Manifest) -> Iterator[str]:
    longest_ms = max(piece.duration_ms for piece in manifest.pieces)
    yield from ("#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{-(-longest_ms // 1000)}")
    yield from ("#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:VOD")
    window = None
    for number, piece in enumerate(manifest.pieces):
        if piece.window != window:
            window = piece.window
            yield f'#EXT-X-KEY:METHOD=AES-128,URI="k/{window}"'
        yield f"#EXTINF:{piece.duration_ms / 1000:.3f},"
        yield f"s/{number}.ts"
    yield "#EXT-X-ENDLIST"
