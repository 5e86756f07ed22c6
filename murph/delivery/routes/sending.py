"""Sending what lies in storage: small objects whole, large ones piece by piece."""

from flask import Response, request
from werkzeug.datastructures import Range
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from murph.core.db import release_connection
from murph.core.errors import BadRequest
from murph.delivery.manifests import RevisionGone
from murph.gateways.storage import storage
from murph.gateways.storage.port import ObjectMissing

WHOLE_BYTES = 1024 * 1024
"""How large an object may be to be read at once."""
FOREVER_S = 31_536_000


class RangeRequired(BadRequest):
    """All of a file is asked for at once."""

    code = "range_required"
    detail = "Ask for a range of this file, such as `Range: bytes=0-`: it is paid for as it is watched."


def send_object(key: str, mimetype: str, *, size_bytes: int = 0) -> Response:
    """Return an object of `size_bytes`, 0 for a small one, to be kept for ever: its name says what it holds.

    Raises:
        RevisionGone: it is no longer there.
        RangeRequired, RequestedRangeNotSatisfiable: the range asked for is none.
    """
    release_connection()
    response = Response(mimetype=mimetype)
    response.set_etag(key.rpartition("/")[2])
    response.cache_control.public = True
    response.cache_control.max_age = FOREVER_S
    response.cache_control.immutable = True
    try:
        if size_bytes > WHOLE_BYTES:
            return _streamed(response, key, size_bytes)
        response.data = storage().read(key)
    except ObjectMissing as error:
        raise RevisionGone from error
    response.make_conditional(request, accept_ranges=True, complete_length=len(response.data))
    return response


def _streamed(response: Response, key: str, size_bytes: int) -> Response:
    """Put a large object, or the range of it that is asked for, into a response piece by piece."""
    if request.if_none_match.contains(key.rpartition("/")[2]):
        response.status_code = 304
        return response
    response.headers["Accept-Ranges"] = "bytes"
    begin, end = (0, size_bytes) if request.range is None else asked_range(request.range, size_bytes)
    if request.range is not None:
        response.status_code = 206
        response.content_range.set(begin, end, size_bytes, units="bytes")
    response.content_length = end - begin
    if request.method != "HEAD":
        response.response = storage().stream(key, start=begin, length=end - begin)
    return response


def asked_range(asked: Range | None, size_bytes: int) -> tuple[int, int]:
    """Return where the one range that is asked for begins and ends.

    Raises:
        RangeRequired: none is asked for.
        RequestedRangeNotSatisfiable: it lies beyond the end, or there are several.
    """
    if asked is None:
        raise RangeRequired
    found = asked.range_for_length(size_bytes)
    if found is None:
        raise RequestedRangeNotSatisfiable(size_bytes)
    return found
