"""The development questions with the index they are asked of, built once for all tests of a process."""

import json
from functools import cache
from importlib import resources
from typing import Any

from murph.discovery.engine.documents import Document
from murph.discovery.engine.index import Index
from murph.discovery.evaluation import catalogues
from murph.discovery.evaluation.catalogues import QuestionSet
from murph.discovery.evaluation.measuring import scratch_index


@cache
def index_of(chosen: QuestionSet) -> Index:
    """Return an index of what can be found, which nobody may change."""
    return scratch_index(catalogues.documents(chosen.catalogues))


@cache
def demo_index() -> Index:
    """Return an index of the demo world's courses by their titles, which nobody may change."""
    catalogue = resources.files("murph.demo") / "world" / "catalogue.json"
    return scratch_index(map(_document, json.loads(catalogue.read_text(encoding="utf-8"))["courses"]))


def _document(course: dict[str, Any]) -> Document:
    texts = {name: course[name] for name in ("title", "category", "description", "teacher")}
    texts["tags"] = " ".join(course["tags"])
    texts["lectures"] = " . ".join(lecture["title"] for lecture in course["lectures"])
    return Document(course["title"], texts, course["teacher"])
