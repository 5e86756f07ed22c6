"""One payment outside confirms one payout, however its reference is typed."""

import unicodedata
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0011_payout_reference_keys"
down_revision = "0010_idle_time"
branch_labels = None
depends_on = None

INDEX = "ix_payout_reference_key"


def upgrade() -> None:
    op.add_column("payout", sa.Column("reference_key", sa.String(64)))
    payout = sa.table("payout", sa.column("reference"), sa.column("reference_key"))
    found = sa.select(payout.c.reference).where(payout.c.reference.is_not(None))
    keys: dict[str, str] = {}
    for reference in op.get_bind().execute(found.order_by(payout.c.reference)).scalars():
        keys.setdefault(_key(reference), reference)  # of those that look alike the others stay without one
    for key, reference in keys.items():
        op.execute(payout.update().where(payout.c.reference == reference).values(reference_key=key))
    op.create_index(op.f(INDEX), "payout", ["reference_key"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "payout")
    op.drop_column("payout", "reference_key")


def _key(reference: str) -> str:
    plain = unicodedata.normalize("NFKC", reference).casefold().replace("\u2212", "-")
    kinds = ((unicodedata.category(sign), sign) for sign in plain)
    plain = "".join("-" if kind == "Pd" else sign for kind, sign in kinds if kind != "Cf")
    return sha256(" ".join(plain.split()).encode()).hexdigest()
