"""What must hold for everything that was posted."""

import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Text, and_, or_, select, type_coerce

from murph.core.checks import Violation, first_violation
from murph.core.db import db
from murph.ledger.models import JournalTxn
from murph.wallet import queries
from murph.wallet.checks.recent import recent
from murph.wallet.models import Bonus, Hold, Payout, Refund, TopUp

_REASONS = {
    **dict.fromkeys(queries.HOLD_KINDS, Hold.id.is_not(None)),
    "topup": TopUp.id.is_not(None),
    **dict.fromkeys(("payout_hold", "payout", "payout_void"), Payout.id.is_not(None)),
    "refund": Refund.id.is_not(None),
    "bonus": Bonus.id.is_not(None),
    "reversal": Bonus.id.is_not(None),
    "adjust": JournalTxn.ref_type == "ticket",
}
"""Every kind of journal entry there is, and when it names what it was posted for."""


def postings_have_their_row(since: datetime | None) -> Iterator[Violation]:
    """I15: what was posted is of a known kind, and names what it was posted for."""
    of_hold = and_(Hold.purpose == JournalTxn.ref_type, Hold.ref == JournalTxn.ref_id)
    of_top_up = and_(JournalTxn.ref_type == "topup", TopUp.id == queries.as_key(JournalTxn.ref_id))
    of_payout = and_(JournalTxn.ref_type == "payout", Payout.id == queries.as_key(JournalTxn.ref_id))
    of_refund = and_(JournalTxn.ref_type == "refund", Refund.id == queries.as_key(JournalTxn.ref_id))
    of_review = and_(JournalTxn.ref_type == "review", Bonus.review_id == queries.as_key(JournalTxn.ref_id))
    has_reason = or_(*(and_(JournalTxn.kind == kind, named) for kind, named in _REASONS.items()))
    orphans = (
        select(JournalTxn.id.label("journal_id"), JournalTxn.kind, JournalTxn.ref_type, JournalTxn.ref_id)
        .outerjoin(Hold, of_hold)
        .outerjoin(TopUp, of_top_up)
        .outerjoin(Payout, of_payout)
        .outerjoin(Refund, of_refund)
        .outerjoin(Bonus, of_review)
        .where(~has_reason, *recent(JournalTxn.created_at, since))
    )
    yield from first_violation("I15", orphans, "the journal entry belongs to nothing")
    yield from _corrections_without_reason(since)


def _corrections_without_reason(since: datetime | None) -> Iterator[Violation]:
    """Read the reasons as text: the databases do not agree on how to look into JSON."""
    meta = type_coerce(JournalTxn.meta, Text)
    query = select(JournalTxn.id, JournalTxn.ref_id, meta.label("meta")).where(
        JournalTxn.kind == "adjust", *recent(JournalTxn.created_at, since)
    )
    for row in db.session.execute(query.execution_options(yield_per=1000)):
        if not _has_reason(row.meta):
            found = f"journal_id={row.id} ref_id={row.ref_id}"
            yield Violation("I15", "the correction has no reason", found)
            return


def _has_reason(meta: str | None) -> bool:
    try:
        document = json.loads(meta or "null")
    except ValueError:
        return False
    reason = document.get("reason") if isinstance(document, dict) else None
    return isinstance(reason, str) and bool(reason.strip())
