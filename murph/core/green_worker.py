"""gunicorn's worker of greenlets, made fair: who sends fast lets the others have their turn."""

from typing import Any

from gunicorn.workers.ggevent import GeventWorker

from murph.core.long_address import LongAddresses
from murph.core.web_socket import GreenSocket


class FairWorker(LongAddresses, GeventWorker):  # type: ignore[misc]
    """Greenlets that yield while they read."""

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve one connection."""
        fair = GreenSocket(client.family, client.type, client.proto, fileno=client.detach())
        super().handle(listener, fair, addr)
