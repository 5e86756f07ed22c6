"""``Idempotency-Key``: a request that may be sent again without a second effect.

The key is optional; without it nothing is looked up and nothing is stored. Both decorators stand between
``arguments``, whose reading they compare (``"5"`` and ``"5.00"`` are the same amount), and ``response``,
whose rendering they store: status and body, no headers of the view's own.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

import structlog
from flask import Flask, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from murph.core import clock, idempotency
from murph.core.db import release_connection
from murph.core.errors import MurphError, Unprocessable, invalid_field
from murph.core.http.context import actor_id
from murph.core.idempotency import Answer, Claim, KeyReused, RequestInProgress

log = structlog.get_logger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"
KEY_PATTERN = "^[!-~]{8,80}$"
IDEMPOTENT = "murph_idempotent"
WAIT_MS = 10_000
"""How long a request waits for the answer to its duplicate."""
LOOK_EVERY_S = 0.1
RENEW_EVERY_S = 1.0


def idempotent(*, before: Callable[..., object] | None = None) -> Callable[[F], F]:
    """Honour the key on a view that calls nobody outside: the key and the effect are one transaction.

    The view runs inside that transaction, again from its start when the database is contended: what it
    does beside the database belongs into ``after_commit``. `before` is called first, outside of it, with
    what the view is called with.
    """

    def decorator(view: F) -> F:
        @wraps(view)
        def keyed(*args: Any, **kwargs: Any) -> Any:
            sent = _sent(args, kwargs)
            stored = None if sent is None else idempotency.find(sent, at=clock.now())
            if stored is None and before is not None:
                before(*args, **kwargs)
            if sent is None:
                return view(*args, **kwargs)
            return _response(
                stored or idempotency.once(sent, lambda: _answer(view(*args, **kwargs)), at=clock.now())
            )

        return _documented(keyed, KeyReused)  # type: ignore[return-value]

    return decorator


def resumable(intend: Callable[..., UUID]) -> Callable[[F], F]:
    """Honour the key on a view that calls somebody outside, which no transaction may wait for.

    `intend` is called with what the view is called with; it writes the intent (say, a pending top-up)
    and returns its id. Under a key this commits together with the key. Then the view runs, outside any
    transaction, with the id as ``intent_id``: it makes the call, stores what came of it, and returns the
    intent. When a process died on the way, the next equal request runs the view with the same
    ``intent_id``, so the view first looks how far it got. What the view raises makes the key free again;
    the next request then has an intent of its own::

        def _intend(body): return service.request_top_up(user_id=..., amount_minor=body["amount"]).id

        @blp.route("/topups", methods=["POST"])
        @guards.signed_in
        @blp.arguments(TopUpIn)
        @resumable(_intend)
        @blp.response(201, TopUpOut)
        @blp.raises(GatewayUnavailable)
        def request_top_up(body, intent_id):
            return service.open_payment(top_up_id=intent_id, gateway=...)
    """

    def decorator(view: F) -> F:
        @wraps(view)
        def keyed(*args: Any, **kwargs: Any) -> Any:
            def intend_now() -> UUID:
                return intend(*args, **kwargs)

            def call(intent_id: UUID) -> Any:
                return view(*args, intent_id=intent_id, **kwargs)

            sent = _sent(args, kwargs)
            return call(intend_now()) if sent is None else _response(_resumed(sent, intend_now, call))

        return _documented(keyed, KeyReused, RequestInProgress)  # type: ignore[return-value]

    return decorator


def _sent(args: tuple[Any, ...], path: dict[str, Any]) -> idempotency.Request | None:
    key = request.headers.get(KEY_HEADER)
    if key is None:
        return None
    if not re.fullmatch(KEY_PATTERN, key, re.ASCII):
        raise invalid_field(KEY_HEADER, "Expected 8 to 80 visible ASCII characters, such as a UUID.")
    # The path is part of the scope: an honest repetition never changes it, and clients that number
    # what they do within one session need not know the numbers of the others.
    scope = " ".join([str(request.endpoint), *(str(path[name]) for name in sorted(path))])
    body = json.dumps(args, default=str, sort_keys=True)
    return idempotency.Request(actor_id(), scope, key, sha256(body.encode()).hexdigest())


def _resumed(
    sent: idempotency.Request, intend: Callable[[], UUID], call: Callable[[UUID], Response]
) -> Answer:
    claim = _claim(sent, intend)
    if isinstance(claim, Answer):
        return claim
    with ExitStack() as refused, _kept_claimed(claim):
        refused.callback(idempotency.abandon, claim)
        answer = _answer(call(claim.ref))
        refused.pop_all()
    return idempotency.finish(claim, answer)


def _claim(sent: idempotency.Request, intend: Callable[[], UUID]) -> Claim | Answer:
    give_up_ms = clock.monotonic_ms() + WAIT_MS
    while True:
        try:
            found = idempotency.find(sent, at=clock.now())
            return found or idempotency.begin(sent, intend, at=clock.now())
        except RequestInProgress:
            if clock.monotonic_ms() >= give_up_ms:
                raise
        release_connection()
        time.sleep(LOOK_EVERY_S)


@contextmanager
def _kept_claimed(claim: Claim) -> Iterator[None]:
    """Renew the claim every now and then, so that only the death of this process lets it run out."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    is_over = threading.Event()
    threading.Thread(target=_renew, args=(app, claim, is_over), name="renew", daemon=True).start()
    try:
        yield
    finally:
        is_over.set()


def _renew(app: Flask, claim: Claim, is_over: threading.Event) -> None:
    while not is_over.wait(RENEW_EVERY_S):
        try:
            with app.app_context():
                idempotency.renew(claim, at=clock.now())
        except (MurphError, SQLAlchemyError) as error:
            log.warning("idempotency.not_renewed", reason=str(error))


def _answer(response: Response) -> Answer:
    return Answer(response.status_code, response.get_data(as_text=True))


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status, mimetype="application/json")
    if answer.is_replay:
        response.headers[REPLAYED_HEADER] = "true"
    return response


def _documented(keyed: F, *refusals: type[MurphError]) -> F:
    documented = {**getattr(keyed, "_apidoc", {}), IDEMPOTENT: (Unprocessable, *refusals)}
    keyed._apidoc = documented  # type: ignore[attr-defined]
    return keyed
