"""What people read: the documents, the links in them, and the commands they are told to type."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.support.processes import ROOT

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_EXPECTED = re.compile(r"# -> (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fence of commands, and where it stands."""

    place: str
    commands: str

    @property
    def expected(self) -> list[str]:
        """What its comments say will be printed, in order."""
        return _EXPECTED.findall(self.commands)

    def missing_in(self, output: str) -> str | None:
        """Return the first expected text that does not come, or None; ``...`` stands for anything."""
        at = 0
        for text in self.expected:
            found = re.compile(".*?".join(map(re.escape, text.strip().split("...")))).search(output, at)
            if found is None:
                return text
            at = found.end()
        return None


@dataclass(frozen=True)
class Document:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        """Its path as seen from the repository's root."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text()

    @property
    def blocks(self) -> list[Block]:
        """The fences whose commands are meant to be run as they stand."""
        return [Block(place, body) for language, place, body in self._fences() if language == "sh"]

    @property
    def fences(self) -> list[str]:
        """Its fences, of whatever language."""
        return [body for _, _, body in self._fences()]

    @property
    def code(self) -> Iterator[str]:
        """Everything that is set as code."""
        yield from self.fences
        yield from _SPAN.findall(_FENCE.sub("", self.text))

    @property
    def links(self) -> list[str]:
        """The targets of its links that are not addresses elsewhere."""
        prose = _FENCE.sub("", self.text)
        return [target for target in _LINK.findall(prose) if "://" not in target]

    @property
    def anchors(self) -> set[str]:
        """What a link may name behind its ``#``."""
        titles = _HEADING.findall(_FENCE.sub("", self.text))
        return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}

    def _fences(self) -> Iterator[tuple[str, str, str]]:
        for fence in _FENCE.finditer(self.text):
            line = self.text.count("\n", 0, fence.start()) + 1
            yield fence[1], f"{self.name}:{line}", fence[2]


README = Document(ROOT / "README.md")
GUIDES = [Document(path) for path in sorted((ROOT / "docs" / "guides").glob("*.md"))]
ALL = [
    README,
    Document(ROOT / "CHANGELOG.md"),
    *(Document(path) for path in sorted((ROOT / "docs").rglob("*.md"))),
]
