"""The ledger's own invariants, each one statement that ends at the first bad row."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import aliased

from murph.core.checks import Check, Violation, first_row
from murph.core.db import db
from murph.ledger.models import CREDIT, DEBIT, JournalTxn, LedgerAccount, LedgerEntry, LedgerTransfer


def _change(entry: Any) -> ColumnElement[int]:
    """Return what an entry does to its account's balance."""
    change: ColumnElement[int] = case((entry.side == CREDIT, entry.amount_minor), else_=-entry.amount_minor)
    return change
