"""What the documents tell people to type works, and prints what they say it prints."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.documents import GUIDES, README, Block, Document
from tests.support import forked
from tests.support.databases import SqliteFactory
from tests.support.house import House
from tests.support.processes import ROOT
from tests.support.tools import require_tool
from tests.support.valkey import private_valkey

BIN = f"{Path(sys.executable).parent}/"
NEXT_BLOCK = "\x1e"
PATIENCE_S = 300


@pytest.fixture(scope="module")
def demo(sqlite_factory: SqliteFactory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running house with the demo world in it, at the pace that the documents describe."""
    require_tool("curl")
    require_tool("ffmpeg")  # for a film that is uploaded and its keys
    folder = tmp_path_factory.mktemp("documents")
    url = sqlite_factory.fresh(folder)
    with private_valkey() as valkey, House(url, valkey, folder, PASSWORD_HASH_TIME_COST="1") as house:
        assert house.flask("demo", "seed")["courses_added"] > 0
        house.worker.wait_until(lambda: not house.rows("SELECT 1 FROM search_due"), within_s=60)
        yield house


@pytest.fixture(scope="module")
def quick_flask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with forked.quick_flask(tmp_path_factory.mktemp("flask")) as program:
        yield program


@pytest.mark.parametrize("document", [README, *GUIDES], ids=lambda document: document.name)
def test_every_command_of_a_document_works_as_pasted(
    document: Document, demo: House, quick_flask: Path
) -> None:
    flask = Path(BIN) / "flask" if document is README else quick_flask
    complaints = list(_complaints(document, demo, flask))
    assert not complaints, "\n\n".join([*complaints, demo.logs()])


def _complaints(document: Document, house: House, flask: Path) -> Iterator[str]:
    """Run a document's blocks in one shell, as its reader would, and yield what is not as it says."""
    script = "".join(f"printf '{NEXT_BLOCK}'\n{block.commands}" for block in document.blocks)
    script = script.replace(".venv/bin/flask ", f"{shlex.quote(str(flask))} ")
    script = script.replace(".venv/bin/", shlex.quote(BIN))
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env={**os.environ, **house.env, "MURPH": house.url},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    outputs = ran.stdout.split(NEXT_BLOCK)[1:]
    for block, output in zip(document.blocks, outputs, strict=False):  # those after a failure never ran
        missing = block.missing_in(output)
        if missing is not None:
            yield f"{block.place}: nothing printed looks like {missing!r}:\n{output}"
    if ran.returncode != 0:
        where = document.blocks[len(outputs) - 1].place
        yield f"{where}: ended with {ran.returncode}:\n{outputs[-1]}"


def test_an_expected_text_is_looked_for_in_order() -> None:
    block = Block("here", "echo\n# -> one ... three\nprint(1)  # -> four\n")
    assert block.missing_in("one two three\nfour") is None
    assert block.missing_in("four\none two three") == "four"
    assert block.missing_in("one\nthree four") == "one ... three"


def test_what_a_reader_must_not_paste_blindly_is_not_run() -> None:
    endless = re.compile(r"\bmake (run|demo|test|check)\b|apt-get|flask (worker|clock)\b")
    run = [block for document in (README, *GUIDES) for block in document.blocks]
    assert run
    assert not [block.place for block in run if endless.search(block.commands)]
