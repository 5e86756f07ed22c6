import re
from typing import Any

from pydantic import TypeAdapter

from config import ROOT, Settings
from tests.architecture.sources import python_files

DECIDED_IN_CONFIG = {"ALLOW_TEST_MONEY"}  # production refuses to start without it
READ_BY_LIBRARIES = {"JWT_SECRET_KEY"}


def test_every_setting_is_read_by_something() -> None:
    readers = [*python_files("murph"), ROOT / "gunicorn.conf.py"]
    code = "\n".join(path.read_text() for path in readers)
    unread = {name for name in Settings.model_fields if not re.search(rf"[\"'.]{name}\b", code)}
    assert unread <= DECIDED_IN_CONFIG | READ_BY_LIBRARIES


def test_the_example_file_documents_every_setting_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text()
    assert sorted(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE)) == sorted(Settings.model_fields)


def test_the_example_file_shows_the_defaults() -> None:
    shown = dict(re.findall(r"^([A-Z_]+)=(.+)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    for name, text in shown.items():
        field: TypeAdapter[Any] = TypeAdapter(Settings.__annotations__[name])
        value = field.validate_json(text) if text.startswith("[") else field.validate_python(text)
        assert value == Settings.model_fields[name].default, name
