"""HTTP habits shared by every feature: blueprints, fields, pages, problems, request context."""

from murph.core.http.blueprint import Blueprint, Guard, guarded
from murph.core.http.context import bind_actor, bind_session_id, request_id
from murph.core.http.cursor import cursor_scope, decode_cursor, encode_cursor
from murph.core.http.idempotency import idempotent, resumable
from murph.core.http.problem import problem_response, render
from murph.core.http.spool import Upload
from murph.core.http.uploads import UploadedFile

__all__ = [
    "Blueprint",
    "Guard",
    "Upload",
    "UploadedFile",
    "bind_actor",
    "bind_session_id",
    "cursor_scope",
    "decode_cursor",
    "encode_cursor",
    "guarded",
    "idempotent",
    "problem_response",
    "render",
    "request_id",
    "resumable",
]
