"""Set money aside for one thing, then pay out of it or give it back."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from murph.core.db import insert_alone, transactional, violated_constraint
from murph.core.ids import new_id
from murph.ledger import codes
from murph.ledger import queries as ledger_queries
from murph.ledger import service as ledger
from murph.ledger.models import JournalTxn
from murph.ledger.service import Leg
from murph.wallet import queries
from murph.wallet.models import CAPTURED, OPEN, VOID, Hold
from murph.wallet.service.errors import HoldClosed, HoldNotFound, overdraft_refused


@transactional
def hold(
    *,
    user_id: UUID,
    amount_minor: int,
    currency: str,
    purpose: str,
    ref: str,
    at: datetime,
    write: Callable[[UUID], object] = lambda _hold_id: None,
) -> Hold:
    """Set money aside for one thing; asking again for the same thing returns the first hold.

    `write` stores what the money is for, which may refer to the hold by its id: after the hold's row, and
    before an account is locked. What it raises is heard, however much is available.

    Raises:
        InsufficientFunds: less than `amount_minor` is available.
    """
    held = Hold(id=new_id(), user_id=user_id, amount_minor=amount_minor, currency=currency, created_at=at)
    held.purpose, held.ref = purpose, ref
    try:
        insert_alone(held)
    except IntegrityError as error:
        if violated_constraint(error) != "uq_hold_purpose_ref":
            raise
        return queries.hold_for(purpose=purpose, ref=ref)
    write(held.id)
    _lock_funds(user_id, amount_minor, currency, purpose=purpose, ref=ref, part=0, at=at)
    return held


@transactional
def extend_hold(*, hold_id: UUID, add_minor: int, part: int, at: datetime) -> Hold:
    """Set more money aside in an open hold, once per `part` (1, 2, ...).

    Raises:
        HoldNotFound: there is no such hold.
        HoldClosed: it is closed.
        InsufficientFunds: less than `add_minor` is available.
    """
    held = _locked_hold(hold_id)
    if held.state != OPEN:
        if ledger_queries.journal(kind="lock", ref_type=held.purpose, ref_id=held.ref, part=part):
            return held
        raise HoldClosed
    about = {"purpose": held.purpose, "ref": held.ref}
    if _lock_funds(held.user_id, add_minor, held.currency, **about, part=part, at=at):
        held.amount_minor += add_minor
    return held


@transactional
def settle(
    *, hold_id: UUID, teacher_id: UUID, teacher_minor: int, fee_minor: int, at: datetime
) -> JournalTxn:
    """Pay teacher and platform out of a hold, release the rest, and close it.

    Settling again changes nothing and returns the first journal entry.

    Raises:
        HoldNotFound: there is no such hold.
        HoldClosed: it was voided.
    """
    held = _locked_hold(hold_id)
    locked = codes.user_locked(held.user_id)
    captured_minor = teacher_minor + fee_minor
    legs = [
        Leg(locked, codes.teacher_earned(teacher_id), teacher_minor),
        Leg(locked, codes.PLATFORM_FEE, fee_minor),
        Leg(locked, codes.user_available(held.user_id), held.amount_minor - captured_minor),
    ]
    return _close(held, CAPTURED, kind="settle", legs=legs, captured_minor=captured_minor, at=at)


@transactional
def void(*, hold_id: UUID, at: datetime) -> JournalTxn:
    """Release all of a hold and close it; doing it again returns the first journal entry.

    Raises:
        HoldNotFound: there is no such hold.
        HoldClosed: it was settled.
    """
    held = _locked_hold(hold_id)
    leg = Leg(codes.user_locked(held.user_id), codes.user_available(held.user_id), held.amount_minor)
    return _close(held, VOID, kind="void", legs=[leg], captured_minor=0, at=at)


def _lock_funds(
    user_id: UUID, amount_minor: int, currency: str, *, purpose: str, ref: str, part: int, at: datetime
) -> bool:
    """Return whether that was done just now; a repetition does nothing."""
    leg, own_id = Leg(codes.user_available(user_id), codes.user_locked(user_id), amount_minor), new_id()
    with overdraft_refused(currency):
        posted = ledger.post(
            kind="lock",
            ref_type=purpose,
            ref_id=ref,
            part=part,
            legs=[leg],
            currency=currency,
            at=at,
            txn_id=own_id,
        )
    return posted.id == own_id


def _locked_hold(hold_id: UUID) -> Hold:
    held = queries.locked_hold(hold_id)
    if held is None:
        raise HoldNotFound
    return held


def _close(
    held: Hold, state: str, *, kind: str, legs: Sequence[Leg], captured_minor: int, at: datetime
) -> JournalTxn:
    if held.state not in (OPEN, state):
        raise HoldClosed
    if held.state == OPEN:
        held.state, held.closed_at = state, at
        held.captured_minor, held.released_minor = captured_minor, held.amount_minor - captured_minor
    # On a hold that is closed already this returns what was posted then.
    return ledger.post(
        kind=kind,
        ref_type=held.purpose,
        ref_id=held.ref,
        legs=[leg for leg in legs if leg.amount_minor],
        currency=held.currency,
        at=at,
    )
