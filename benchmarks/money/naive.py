"""The usual way to settle: one job for each session, on the same worker with the same verb."""

from uuid import UUID

from murph.core import clock, queue
from murph.core.queue import job
from murph.session import service

NAME = "benchmark.settle_one"


@job(NAME, queue="money")
def settle_one(session_id: str) -> None:
    """Settle one session."""
    service.settle(session_id=UUID(session_id), at=clock.now())


def work() -> None:
    """Run jobs as ``flask worker`` does, these among them."""
    from wsgi import app

    with app.app_context():
        queue.work()


if __name__ == "__main__":
    work()
