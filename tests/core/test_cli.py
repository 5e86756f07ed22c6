"""What commands print for people."""

import pytest

from murph.core.cli import counted, print_record, print_table
from murph.core.ids import new_id

ID = str(new_id())
ROW = [ID, "2026-01-31T12:00:00.123456Z", "a title of several words", None]
COLUMNS = ["id", "created_at", "title", "reason"]


def told(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_ids_and_headings_stay_in_one_piece_at_any_width(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    print_table(COLUMNS, [ROW, ROW], of="things", prose=["title"])
    shown = told(capsys)
    assert shown.count(ID) == 2
    assert all(column in shown for column in COLUMNS)
    assert shown.count("2026-01-31T12:00:00Z") == 2
    assert ("│" in shown) is (width >= 100)
    print_table(COLUMNS, [], of="things", prose=["title"])
    assert told(capsys) == "No things.\n"


def test_a_record_is_told_without_any_python(capsys: pytest.CaptureFixture[str]) -> None:
    parts = [{"id": 1, "spans": [{"from": 0, "to": 9}]}, {"id": 2, "spans": []}]
    print_record({"flagged": False, "reason": None, "journal_ids": ["a", "b"], "parts": parts})
    assert told(capsys) == (
        "flagged      no\nreason\njournal_ids  a\n             b\n"
        "parts        id 1, spans from 0, to 9\n             id 2, spans\n"
    )


def test_things_are_counted_in_words() -> None:
    assert [counted(count, "top-up") for count in (0, 1, 2)] == ["No top-ups", "1 top-up", "2 top-ups"]
