"""Top-ups through a gateway: its id, its word, when to look again; its events; the sandbox's payments.

The table of top-ups is made anew beside a copy of its rows, which is never the only one: SQLite cannot
change a CHECK, and MySQL cannot take back a statement of this kind.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from murph.core.db import UtcDateTime, UuidKey

revision = "0007_payments"
down_revision = "0006_idempotency"
branch_labels = None
depends_on = None

TABLE_OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
KEPT = ("id", "user_id", "amount_minor", "currency", "gateway", "created_at", "expires_at", "paid_at")
OLD_STATUSES = "'pending', 'paid', 'declined', 'expired'"


def upgrade() -> None:
    op.create_table(
        "sandbox_payment",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_payment")),
        sa.UniqueConstraint("secret", name=op.f("uq_sandbox_payment_secret")),
        sa.UniqueConstraint("reference", name=op.f("uq_sandbox_payment_reference")),
        sa.CheckConstraint("status IN ('open', 'paid', 'canceled')", name=op.f("ck_sandbox_payment_status")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_sandbox_payment_positive")),
        **TABLE_OPTIONS,
    )
    _set_aside()
    _create_top_up(
        f"{OLD_STATUSES}, 'mismatch'",
        sa.Column("is_test_money", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("payment_id", sa.String(200)),
        sa.Column("payment_url", sa.String(1000)),
        sa.Column("gateway_status", sa.String(20)),
        sa.Column("gateway_status_at", UtcDateTime, nullable=False),
        sa.Column("awaits_release", sa.Boolean, nullable=False),
        sa.Column("next_look_at", UtcDateTime),
        sa.Column("claimed_until", UtcDateTime),
        sa.Column("released_at", UtcDateTime),
        sa.UniqueConstraint("gateway", "payment_id", name=op.f("uq_top_up_gateway_payment_id")),
        sa.CheckConstraint("status <> 'paid' OR payment_id IS NOT NULL", name=op.f("ck_top_up_paid_with")),
        sa.Index(op.f("ix_top_up_gateway_next_look_at"), "gateway", "next_look_at"),
    )
    _split()
    op.drop_table("top_up_before")
    op.create_table(
        "gateway_event",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("event_id", sa.String(200), nullable=False),
        sa.Column("type", sa.String(200), nullable=False),
        sa.Column("payment_id", sa.String(200)),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_event")),
        sa.UniqueConstraint("gateway", "event_id", name=op.f("uq_gateway_event_gateway_event_id")),
        sa.Index(op.f("ix_gateway_event_received_at"), "received_at"),
        **TABLE_OPTIONS,
    )


def _split() -> None:
    """Give each top-up of before a payment at the sandbox, which is what it was."""
    old = _table("top_up_before", *KEPT, "secret", "status")
    is_paid, is_declined = old.c.status == "paid", old.c.status == "declined"
    same = ("id", "secret", "amount_minor", "currency", "created_at", "expires_at")
    _copy(
        old,
        _payment(),
        {name: old.c[name] for name in same}
        | {
            "reference": _hyphenated(old.c.id),
            "status": sa.case((is_paid, "paid"), (is_declined, "canceled"), else_="open"),
        },
    )
    # A pending one has no id there yet: the first look finds its payment by the reference.
    is_pending = old.c.status == "pending"
    added = (
        "is_test_money",
        "status",
        "payment_id",
        "gateway_status_at",
        "awaits_release",
        "next_look_at",
    )
    _copy(
        old,
        _table("top_up", *KEPT, *added),
        {name: old.c[name] for name in (*KEPT, "status")}
        | {
            "is_test_money": sa.true(),
            "payment_id": sa.case((is_pending, sa.null()), else_=_hyphenated(old.c.id)),
            "gateway_status_at": old.c.created_at,
            "awaits_release": sa.false(),
            "next_look_at": sa.case((is_pending, old.c.created_at), else_=sa.null()),
        },
    )


def downgrade() -> None:
    op.drop_table("gateway_event")
    _set_aside()
    old, payment = _table("top_up_before", *KEPT, "status"), _payment()
    _create_top_up(
        OLD_STATUSES,
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.UniqueConstraint("secret", name=op.f("uq_top_up_secret")),
    )
    new = _table("top_up", *KEPT, "secret", "status")
    # What only a gateway knows about can no longer be paid: nobody may press its page's button instead.
    is_lost = sa.or_(payment.c.id.is_(None), old.c.status == "mismatch")
    _copy(
        old.outerjoin(payment, payment.c.reference == _hyphenated(old.c.id)),
        new,
        {name: old.c[name] for name in KEPT}
        | {
            "secret": sa.func.coalesce(payment.c.secret, old.c.id),
            "status": sa.case((sa.and_(is_lost, old.c.status != "paid"), "declined"), else_=old.c.status),
        },
    )
    op.drop_table("top_up_before")
    op.drop_table("sandbox_payment")


def _set_aside() -> None:
    op.execute("CREATE TABLE top_up_before AS SELECT * FROM top_up")
    op.drop_table("top_up")


def _create_top_up(statuses: str, *more: Any) -> None:
    op.create_table(
        "top_up",
        sa.Column("id", UuidKey, nullable=False),
        sa.Column("user_id", UuidKey, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("paid_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_top_up")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_top_up_user_id")),
        sa.CheckConstraint(f"status IN ({statuses})", name=op.f("ck_top_up_status")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_top_up_positive")),
        sa.CheckConstraint("status <> 'paid' OR paid_at IS NOT NULL", name=op.f("ck_top_up_paid_at")),
        sa.Index(op.f("ix_top_up_user_id_id"), "user_id", "id"),
        sa.Index(op.f("ix_top_up_status_expires_at"), "status", "expires_at"),
        *more,
        **TABLE_OPTIONS,
    )


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


def _payment() -> sa.TableClause:
    columns = ("id", "secret", "reference", "amount_minor", "currency", "status", "created_at", "expires_at")
    return _table("sandbox_payment", *columns)


def _copy(source: sa.FromClause, target: sa.TableClause, values: dict[str, Any]) -> None:
    rows = sa.select(*values.values()).select_from(source)
    op.execute(sa.insert(target).from_select(list(values), rows))


def _hyphenated(key: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """Return a key column's id as text, the way ids are written outside."""
    parts = [
        sa.func.substr(key, start, length) for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    ]
    text: sa.ColumnElement[str] = sa.cast(parts[0], sa.String(36))
    for part in parts[1:]:
        text = text.concat("-").concat(part)
    return text
