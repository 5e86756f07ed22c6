"""Have a vendor's model tell what courses mean, and keep it until they change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from murph.core.db import db, release_connection, transactional
from murph.discovery.engine.meaning import packed
from murph.discovery.models import SearchVector
from murph.discovery.queries import documents, vectors
from murph.gateways.ai.choice import Meanings
from murph.gateways.ai.port import MAX_TEXTS, Vector

FIELDS = ("title", "tags", "category", "description", "lectures")
MAX_CHARACTERS = 4000


@dataclass(frozen=True)
class _Due:
    """A document whose vector has to follow it, and the digest of what that was made from."""

    course_id: UUID
    generation: int
    text: str
    made_from: str | None

    @property
    def digest(self) -> str:
        """Return what tells its text from others."""
        return sha256(self.text.encode()).hexdigest()


def embed_due(*, meanings: Meanings) -> int:
    """Bring vectors in step with documents until none is due or nobody answers; return how many were made.

    Two workers that do this at once ask twice for some, and nothing worse.
    """
    done = 0
    while meanings.model and (due := _due(meanings.model)):
        changed = [each for each in due if each.digest != each.made_from]
        release_connection()
        made = meanings.of_courses([each.text for each in changed]) if changed else []
        if made is None:
            break
        found = {each.course_id: vector for each, vector in zip(changed, made, strict=True)}
        _store(due, found, model=meanings.model)
        done += len(made)
    return done


def _due(model: str) -> list[_Due]:
    return [
        _Due(course_id, generation, _text(texts), digest)
        for course_id, generation, texts, digest in vectors.due(model=model, limit=MAX_TEXTS)
    ]


def _text(texts: Mapping[str, str]) -> str:
    return "\n".join(texts[field] for field in FIELDS if field in texts)[:MAX_CHARACTERS]


@transactional
def _store(due: Sequence[_Due], found: Mapping[UUID, Vector], *, model: str) -> None:
    counter = documents.locked_generation()
    for each in due:
        row = db.session.get(SearchVector, each.course_id) or SearchVector(course_id=each.course_id)
        counter.value += 1  # also where it stays: a process forgets it with a course that is away for a while
        row.made_from, row.generation = each.generation, counter.value
        if vector := found.get(each.course_id):
            row.model, row.digest, row.numbers = model, each.digest, packed(vector)
        db.session.add(row)
