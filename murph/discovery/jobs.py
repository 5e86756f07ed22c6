"""What workers do for discovery; every job may run twice, and beside itself."""

from uuid import UUID

from flask import current_app

from murph.core import clock
from murph.core.queue import job
from murph.discovery.service import answering, chat, embedding, indexing
from murph.gateways import ai
from murph.gateways.storage import storage


@job("discovery.index_due", queue="payments", every_s=10)
def index_due() -> None:
    """Bring the search documents of changed courses in step.

    On the queue that waits for nobody: captions are fetched from storage.
    """
    indexing.index_due(storage=storage())


@job("discovery.embed_due", queue="payments", every_s=60)
def embed_due() -> None:
    """Have a vendor, if there is one, tell what new and changed courses mean."""
    embedding.embed_due(meanings=ai.meanings())


@job("discovery.index_lost", every_s=3600)
def index_lost() -> None:
    """Look for courses that are found and cannot be bought, or the other way round."""
    indexing.note_out_of_step()


@job("discovery.answer", queue="chat")
def answer(turn_id: str) -> None:
    """Have a provider answer one question.

    On a queue of its own: a provider may take its time, and somebody waits for this answer.
    """
    answering.answer(
        turn_id=UUID(turn_id),
        assistant=ai.assistant(),
        tokens_per_day=current_app.config["AI_TOKENS_PER_DAY"],
        at=clock.now(),
    )


@job("discovery.answer_due", queue="chat", every_s=10)
def answer_due() -> None:
    """Ring again for those questions whose ring was lost, or whose worker was."""
    answering.ring_due(at=clock.now())


@job("discovery.forget_chats", every_s=3600)
def forget_chats() -> None:
    """Delete the conversations whose time is over, and what their tokens were."""
    while chat.forget_expired(at=clock.now()):
        pass
    chat.forget_tokens(at=clock.now())
