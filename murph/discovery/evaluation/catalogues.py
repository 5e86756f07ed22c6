"""Catalogues and questions from files: those that come with Murph, and any of the same formats."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from murph.core.errors import MurphError
from murph.discovery.engine.documents import Document

_DATA = Path(__file__).parent / "data"


class FileUnreadable(MurphError):
    """A catalogue or a file of questions is not what it should be."""

    status = 422
    code = "file_unreadable"
    detail = "The file could not be read. Give a catalogue as JSON with `items`, questions as JSON lines."


@dataclass(frozen=True)
class Query:
    """A question, and the keys of the documents that answer it."""

    text: str
    relevant: frozenset[str]


@dataclass(frozen=True)
class QuestionSet:
    """Files that belong together: what can be found, and what is asked."""

    name: str
    catalogues: tuple[Path, ...]
    queries: Path


_GTN, _FPB = ("gtn_catalogue.json", "gtn_title_only.json"), ("fpb_courses.json",)
DEVELOPMENT = (
    QuestionSet("GTN questions", tuple(_DATA / name for name in _GTN), _DATA / "gtn_queries.dev.jsonl"),
    QuestionSet("FPB headings", tuple(_DATA / name for name in _FPB), _DATA / "fpb_queries.dev.jsonl"),
)


def documents(paths: Iterable[Path]) -> list[Document]:
    """Return the documents of catalogue files; the first one with a key wins.

    Raises:
        FileUnreadable: a file is no catalogue.
    """
    found: dict[str, Document] = {}
    for path in paths:
        try:
            read = list(map(_document, json.loads(path.read_text(encoding="utf-8"))["items"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise FileUnreadable(
                f"{path} is no catalogue: JSON with `items` is wanted, each with a title."
            ) from error
        for document in read:
            found.setdefault(document.key, document)
    return list(found.values())


def queries(path: Path) -> list[Query]:
    """Return the questions of a file with one JSON document a line.

    Raises:
        FileUnreadable: a line is no question with `q` and `relevant`, or there is none.
    """
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        found = [Query(str(line["q"]), frozenset(line["relevant"])) for line in lines]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileUnreadable(f"{path} has a line that is no JSON with `q` and `relevant`.") from error
    if not found or not all(query.relevant for query in found):
        raise FileUnreadable(f"{path} has no question, or one without `relevant` documents.")
    return found


def _document(item: Mapping[str, Any]) -> Document:
    teacher = item.get("author") or " ".join(item.get("teachers") or ())
    about = (item.get("description"), *(item.get("objectives") or ()), *(item.get("key_points") or ()))
    texts = {
        "title": item["title"],
        "tags": " ".join(item.get("tags") or ()),
        "category": " ".join(filter(None, (item.get("category"), item.get("subcategory")))),
        "description": " . ".join(filter(None, about)),
        "teacher": teacher,
    }
    return Document(key=item.get("id") or item["url"], texts=texts, teacher=teacher)
