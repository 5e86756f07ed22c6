"""The blueprint of ``/payments``."""

from murph.core.http import Blueprint

blp = Blueprint(
    "wallet", __name__, url_prefix="/payments", description="Balance, movements, money in and out"
)
