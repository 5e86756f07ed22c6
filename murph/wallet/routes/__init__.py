"""Money over HTTP: ``/payments``, and the sandbox's payment page outside the API."""

from murph.wallet.routes import balance, payouts, top_ups, webhooks
from murph.wallet.routes.blueprint import blp
from murph.wallet.routes.sandbox import sandbox

__all__ = ["balance", "blp", "payouts", "sandbox", "top_ups", "webhooks"]
