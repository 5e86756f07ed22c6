"""One's own data over HTTP."""

from collections.abc import Iterator
from itertools import chain, islice

from flask import Response, stream_with_context

from murph.app.personal import export
from murph.app.personal.export import NAMES
from murph.auth import guards
from murph.core.http import Blueprint

_ROWS = {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}}
_EXAMPLE = {name: [{"id": "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11"}] for name in NAMES}
blp = Blueprint("personal", __name__, url_prefix="/users", description="Everything held about oneself")


@blp.route("/me/export", methods=["GET"])
@guards.signed_in
@blp.response(200, {"type": "object", "properties": dict.fromkeys(NAMES, _ROWS), "example": _EXAMPLE})
def export_me() -> Response:
    """Return everything that is held about oneself: a list of rows for each kind, amounts in minor units."""
    pieces: Iterator[str] = export.document(guards.current().user_id)
    first = list(islice(pieces, 2))  # before the answer begins, while it can still become a refusal
    disposition = {"Content-Disposition": 'attachment; filename="murph-export.json"'}
    body = stream_with_context(chain(first, pieces))
    return Response(body, mimetype="application/json", headers=disposition)
