"""Forms with a file: read as a stream into a spool file, at most a piece of it in memory at a time."""

import re
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any, cast
from uuid import UUID

from flask import Flask, current_app, request
from gunicorn.http.errors import ParseException
from marshmallow import ValidationError, fields
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Event, Field, File, MultipartDecoder, NeedData, Preamble, State
from werkzeug.wsgi import get_input_stream

from murph.core.db import release_connection
from murph.core.errors import BadRequest, MurphError, Unavailable, Unprocessable, invalid_field
from murph.core.http.body import FORM
from murph.core.http.context import actor_id
from murph.core.http.fields import Schema
from murph.core.http.spool import StorageFull, Upload, refuse_to_fill, spool_folder
from murph.core.web_socket import UnhurriedSocket

MAX_UPLOADS = 8
MAX_UPLOADS_EACH = 3
RETRY_AFTER_S = 30
MAX_TEXT_BYTES = 64 * 1024
MAX_NAME_LENGTH = 200
MAX_BOUNDARY_LENGTH = 70  # RFC 2046, section 5.1.1
_PIECE_BYTES = 128 * 1024
_PLACES = "murph_uploads"
_TOO_MANY_OF_YOURS = (
    f"You are sending {MAX_UPLOADS_EACH} files already. Nothing was read: send it when one has arrived."
)
_UNSEEN = ("Cc", "Cf", "Cn", "Co", "Cs")


class MalformedForm(BadRequest):
    """What came is no form."""

    detail = "The form could not be read. Send multipart/form-data as RFC 7578 describes it."


class UploadIncomplete(BadRequest):
    """The form breaks off."""

    code = "upload_incomplete"
    detail = "The upload broke off, or paused for too long. Nothing was kept: send it again."


class UploadTooLarge(MurphError):
    """The body is longer than this server takes."""

    status = 413
    code = "body_too_large"


class NotAForm(MurphError):
    """The body is something else than a form."""

    status = 415
    code = "unsupported_media_type"
    detail = "Send the file in a form, with 'Content-Type: multipart/form-data; boundary=...'."


class TooManyUploads(Unavailable):
    """This process receives as many as it can, or as one user may send at a time."""

    code = "too_many_uploads"
    detail = "Too many files are being uploaded. Nothing was read: send it again shortly."


REFUSALS = (MalformedForm, UploadIncomplete, UploadTooLarge, NotAForm, TooManyUploads, StorageFull)
"""What every view that takes an upload may answer with."""


class UploadedFile(fields.Field[Upload]):
    """The file of a form."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"example": "(the bytes of the file)"}, required=True, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Upload:
        upload: Upload = value
        if not upload.size_bytes:
            raise ValidationError("The file is empty.")
        return upload

    def described(self) -> dict[str, Any]:
        """Return the form of a file."""
        return {"type": "string", "format": "binary", "minLength": 1}


def init_app(app: Flask) -> None:
    """Count the uploads of this process."""
    app.extensions[_PLACES] = _Places()


@contextmanager
def received(
    schema: type[Schema], *, before: Callable[[], object], limit_bytes: int | None = None
) -> Iterator[dict[str, Any]]:
    """Read the request's form and yield what `schema` makes of it; the file lives as long as the block.

    The form may have `limit_bytes`, and never more than MAX_UPLOAD_BYTES.

    Raises:
        UploadTooLarge, NotAForm, MalformedForm, TooManyUploads, StorageFull: nothing was read.
        UploadTooLarge, MalformedForm, UploadIncomplete, StorageFull, Unprocessable: nothing was kept.
    """
    boundary = _boundary()
    allowed: int = current_app.config["MAX_UPLOAD_BYTES"]
    allowed = min(allowed, limit_bytes or allowed)
    _refuse_length(request.content_length or 0, allowed)
    before()
    release_connection()  # hours may pass
    places: _Places = current_app.extensions[_PLACES]
    with ExitStack() as ends:
        with places.one_for(actor_id()), _unhurried():
            form = _Form(schema(), spool_folder(Path(current_app.instance_path)), ends)
            for event in _events(boundary, allowed):
                form.take(event)
        yield form.load()


def _boundary() -> bytes:
    if request.mimetype != FORM:
        raise NotAForm
    boundary = request.mimetype_params.get("boundary", "")
    if not 0 < len(boundary) <= MAX_BOUNDARY_LENGTH or not boundary.isascii():
        raise MalformedForm("The Content-Type names no boundary, or one that no form can have.")
    return boundary.encode()


def _refuse_length(size_bytes: int, allowed: int) -> None:
    if size_bytes > allowed:
        raise UploadTooLarge(f"An upload may have {allowed} bytes at most, the rest of its form included.")


class _Places:
    """Who is sending a file to this process: so many in all, and so many of each user's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._senders: list[UUID] = []

    @contextmanager
    def one_for(self, sender_id: UUID) -> Iterator[None]:
        with self._lock:
            if len(self._senders) >= MAX_UPLOADS:
                raise TooManyUploads(retry_after_s=RETRY_AFTER_S)
            if self._senders.count(sender_id) >= MAX_UPLOADS_EACH:
                raise TooManyUploads(_TOO_MANY_OF_YOURS, retry_after_s=RETRY_AFTER_S)
            self._senders.append(sender_id)
        try:
            yield
        finally:
            with self._lock:
                self._senders.remove(sender_id)


def _unhurried() -> Any:
    connection = request.environ.get("gunicorn.socket")
    return connection.unhurried() if isinstance(connection, UnhurriedSocket) else nullcontext()


def _events(boundary: bytes, allowed: int) -> Iterator[Event]:
    """Yield what the form consists of, up to its last boundary."""
    decoder = MultipartDecoder(boundary, max_form_memory_size=2 * _PIECE_BYTES)
    pieces = _pieces(allowed)
    try:
        while decoder.state is not State.EPILOGUE:
            event = decoder.next_event()
            if isinstance(event, NeedData):
                decoder.receive_data(next(pieces))
            else:
                yield event
    except (ValueError, RequestEntityTooLarge) as error:  # too large for it is a head without an end
        raise MalformedForm from error


def _pieces(allowed: int) -> Iterator[bytes]:
    stream = get_input_stream(request.environ)
    size_bytes = 0
    while piece := _read(stream):
        size_bytes += len(piece)
        _refuse_length(size_bytes, allowed)
        yield piece
    raise UploadIncomplete


def _read(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(_PIECE_BYTES)
    except (ParseException, OSError) as error:
        raise UploadIncomplete from error


class _Text:
    """The value of a field."""

    def __init__(self, name: str) -> None:
        self._name, self._value = name, bytearray()

    def write(self, piece: bytes) -> None:
        self._value += piece
        if len(self._value) > MAX_TEXT_BYTES:
            raise invalid_field(self._name, f"At most {MAX_TEXT_BYTES} bytes.")

    def __str__(self) -> str:
        return self._value.decode()


class _Form:
    """The parts that have come, each of which `schema` knows and none of which came twice."""

    def __init__(self, schema: Schema, folder: Path, ends: ExitStack) -> None:
        self._schema, self._folder, self._ends = schema, folder, ends
        self._known = {field.data_key or name: field for name, field in schema.load_fields.items()}
        self._sent: dict[str, Upload | str] = {}
        self._name = ""
        self._part: Upload | _Text

    def take(self, event: Event) -> None:
        """Take the head of a part, or some of its content."""
        if isinstance(event, Data):
            self._part.write(event.data)
            if not event.more_data:
                self._sent[self._name] = self._part if isinstance(self._part, Upload) else str(self._part)
        elif not isinstance(event, Preamble):
            self._begin(cast(Field | File, event))

    def _begin(self, head: Field | File) -> None:
        self._name = head.name or ""
        if self._name not in self._known:
            raise invalid_field(self._name[:MAX_NAME_LENGTH], "Unknown field.")
        if self._name in self._sent:
            raise invalid_field(self._name, "Send it once.")
        if not isinstance(self._known[self._name], UploadedFile):
            self._part = _Text(self._name)
            return
        if errors := self._schema.validate(self._sent, partial=True):
            raise Unprocessable(errors=errors)
        refuse_to_fill(self._folder, request.content_length or 0)
        filename = head.filename if isinstance(head, File) else ""
        self._part = self._ends.enter_context(Upload(self._folder, _label(filename)))

    def load(self) -> dict[str, Any]:
        """Return what the schema makes of them."""
        try:
            loaded: dict[str, Any] = self._schema.load(self._sent)
        except ValidationError as error:
            raise Unprocessable(errors=error.messages_dict) from error
        return loaded


def _label(filename: str) -> str:
    """Return what can be shown of a file's name: its last part, without what cannot be seen."""
    last = re.split(r"[/\\]", filename)[-1]
    seen = "".join(c if unicodedata.category(c) not in _UNSEEN else " " for c in last)
    return " ".join(seen.split())[:MAX_NAME_LENGTH].strip(" .")
