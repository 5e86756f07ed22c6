"""The bytes of videos. The token in the path is the permission to ask; the rows decide.

These addresses are for players and no part of the documented REST routes.
"""

import errno
import time
from collections.abc import Iterator
from functools import lru_cache

import flask
from flask import Response, current_app, request, stream_with_context

from murph.auth import guards
from murph.core import clock
from murph.core.db import release_connection
from murph.core.errors import MurphError, NotFound
from murph.delivery import queries, service, tokens
from murph.delivery.manifests import Manifest, Window, manifest
from murph.delivery.playlist import playlist
from murph.delivery.routes.secrets import secrets
from murph.delivery.routes.sending import asked_range, send_object
from murph.delivery.routes.waiting import place_to_wait
from murph.delivery.service import AheadOfMeter
from murph.delivery.tokens import Grant
from murph.gateways.storage import storage
from murph.media import keys
from murph.media import queries as assets
from murph.media.models import HLS, MP4

media = flask.Blueprint("media", __name__, url_prefix="/media")

PATIENCE_MS = 20_000
LOOK_EVERY_S = 0.5


class NoSuchPart(NotFound):
    """The video has no such segment, window or picture."""

    code = "part_unknown"
    detail = "This video has no such part. Read its playlist again."


@media.after_request
def _let_other_origins_play(response: Response) -> Response:
    # The page that plays it may come from another site; the address itself is the secret.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@media.route("/<token>/index.m3u8", methods=["GET"])
@guards.public
def send_playlist(token: str) -> Response:
    """Send the playlist of a live session's video."""
    found = _manifest(_live_grant(token), HLS)
    return _uncached(Response(playlist(found), mimetype="application/vnd.apple.mpegurl"))


@media.route("/<token>/s/<int:number>.ts", methods=["GET"])
@guards.public
def send_segment(token: str, number: int) -> Response:
    """Send an encrypted segment, which is useless without its key."""
    grant = tokens.read(token, secrets())
    service.require_fresh(grant, at=clock.now())
    pieces = _manifest(grant, HLS).pieces
    if number >= len(pieces):
        raise NoSuchPart
    return send_object(pieces[number].object_key, "video/mp2t", size_bytes=pieces[number].size_bytes)


@media.route("/<token>/k/<int:window>", methods=["GET"])
@guards.public
def send_key(token: str, window: int) -> Response:
    """Release a window: send its key, 16 bytes."""
    grant = tokens.read(token, secrets())
    found = _manifest(grant, HLS)
    if window >= len(found.windows) or found.sealed_key is None:
        raise NoSuchPart
    if request.method == "HEAD":  # which brings no key, and so costs nothing
        service.require_grant(grant, at=clock.now())
        return _uncached(Response(mimetype="application/octet-stream"))
    service.release(grant, found.windows[window], at=clock.now())
    content_key = _unsealed(found.sealed_key, keys.from_config(current_app.config))
    key = keys.window_key(content_key, asset_id=grant.asset_id, revision=grant.revision, window=window)
    return _uncached(Response(key, mimetype="application/octet-stream"))


@media.route("/<token>/video.mp4", methods=["GET"])
@guards.public
def send_bytes(token: str) -> Response:
    """Send as much of a range as may be watched now; one that begins beyond that waits for the meter."""
    grant = _live_grant(token)
    found = _manifest(grant, MP4)
    object_key = found.pieces[0].object_key
    size_bytes = storage().size(object_key)
    response = Response(mimetype="video/mp4", headers={"Accept-Ranges": "bytes"})
    if request.method == "HEAD":
        response.content_length = size_bytes
        return _uncached(response)
    begin, wanted_end = asked_range(request.range, size_bytes)
    end = _reachable_end(grant, found, begin=begin, end=wanted_end)
    response.status_code = 206
    response.response = stream_with_context(_released_bytes(grant, found, object_key, begin, end))
    response.content_length = end - begin
    response.content_range.set(begin, end, size_bytes, units="bytes")
    return _uncached(response)


@media.route("/<token>/poster.jpg", methods=["GET"])
@guards.public
def send_poster(token: str) -> Response:
    """Send the poster of a video, which everybody may see."""
    asset_id, revision = tokens.read_poster(token, secrets())
    asset = assets.asset(asset_id)
    if asset is None or asset.revision != revision or asset.poster_key is None:
        raise NoSuchPart
    return send_object(asset.poster_key, "image/jpeg")


@media.route("/<token>/sprite.jpg", methods=["GET"])
@guards.public
def send_sprite(token: str) -> Response:
    """Send the small pictures that a player shows while one scrubs."""
    return _picture(token, "sprite_key", "image/jpeg")


@media.route("/<token>/sprite.vtt", methods=["GET"])
@guards.public
def send_sprite_map(token: str) -> Response:
    """Say which part of the sprite belongs to which moment."""
    return _picture(token, "sprite_map_key", "text/vtt")


@media.route("/<token>/captions/<language>.vtt", methods=["GET"])
@guards.public
def send_captions(token: str, language: str) -> Response:
    """Send what is said in a live session's video, as WebVTT."""
    grant = _live_grant(token)
    offer = queries.offer(grant.video_id)
    for caption in offer.video.captions if offer else ():
        if caption.language == language:
            return _uncached(send_object(caption.object_key, "text/vtt"))
    raise NoSuchPart


def _live_grant(token: str) -> Grant:
    grant = tokens.read(token, secrets())
    service.require_grant(grant, at=clock.now())
    return grant


def _manifest(grant: Grant, mode: str) -> Manifest:
    """Return what the address is for, if it plays this way: an MP4's own bytes are nobody's segment."""
    found = manifest(grant.asset_id, grant.revision)
    if found.mode != mode:
        raise NoSuchPart
    return found


@lru_cache(maxsize=256)
def _unsealed(sealed: bytes, masters: keys.Masters) -> bytes:
    return keys.unseal(sealed, masters)


def _picture(token: str, name: str, mimetype: str) -> Response:
    grant = _live_grant(token)
    asset = assets.asset(grant.asset_id)
    key = getattr(asset, name, None)
    if key is None:
        raise NoSuchPart
    return _uncached(send_object(key, mimetype))


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _reachable_end(grant: Grant, found: Manifest, *, begin: int, end: int) -> int:
    """Return up to where the range may be sent, after waiting until that is somewhere.

    Raises:
        AheadOfMeter: it did not become so in time, or too many wait.
    """
    reached = service.reachable_end(grant, found, begin=begin, end=end)
    if reached > begin:
        return reached
    with place_to_wait(grant.user_id):
        return _awaited_end(grant, found, begin=begin, end=end)


def _awaited_end(grant: Grant, found: Manifest, *, begin: int, end: int) -> int:
    until_ms = clock.monotonic_ms() + PATIENCE_MS
    while clock.monotonic_ms() < until_ms:
        release_connection()
        time.sleep(LOOK_EVERY_S)
        service.require_grant(grant, at=clock.now())
        reached = service.reachable_end(grant, found, begin=begin, end=end)
        if reached > begin:
            return reached
    raise AheadOfMeter


def _released_bytes(grant: Grant, found: Manifest, object_key: str, begin: int, end: int) -> Iterator[bytes]:
    for span in service.spans(found, begin=begin, end=end):
        if span.piece is not None:
            _release_or_break_off(grant, found.windows[span.piece.window])
        release_connection()
        yield from storage().stream(object_key, start=span.begin, length=span.end - span.begin)


def _release_or_break_off(grant: Grant, window: Window) -> None:
    """Release a window in the middle of an answer.

    Raises:
        BrokenPipeError: it is refused. The answer's length is promised, so that only breaking off tells the
            player that this is not all; gunicorn treats it like a player that left.
    """
    try:
        service.release(grant, window, at=clock.now())
    except MurphError as refusal:
        raise BrokenPipeError(errno.EPIPE, refusal.code) from refusal
