"""gunicorn's worker of greenlets, made fair: who sends fast gives way, who trickles ends."""

from contextlib import nullcontext
from typing import Any

from gunicorn.workers.ggevent import GeventWorker

from murph.core.long_address import LongAddresses
from murph.core.web_socket import GreenSocket

BODY = ("CONTENT-LENGTH", "TRANSFER-ENCODING")


class FairWorker(LongAddresses, GeventWorker):  # type: ignore[misc]
    """Greenlets that yield while they read."""

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve one connection."""
        fair = GreenSocket(client.family, client.type, client.proto, fileno=client.detach())
        super().handle(listener, fair, addr)

    def handle_request(self, listener: Any, req: Any, sock: Any, addr: Any) -> Any:
        """Answer one request; its body may not trickle for ever, while a player's socket may be silent."""
        has_body = any(name in BODY for name, _ in req.headers)
        with sock.hurried() if has_body else nullcontext():
            return super().handle_request(listener, req, sock, addr)
