"""The pages' modules: they speak to the public API only, and load nothing of anybody else's."""

import ast
import re
from pathlib import Path

from murph.web.assets import STATIC
from murph.web.pages import FAILED, MISSING, PAGES
from tests.support.processes import ROOT

MODULES = sorted((STATIC / "js").rglob("*.js"))
MAX_LINES = 300
ALLOWED = ("murph.core", "murph.web")
REACHES = {
    r"\bfetch\(": {"core/http.js"},
    r"\bnew XMLHttpRequest\b": {"core/upload.js"},
    r"\bnew WebSocket\b": {"core/socket.js"},
    r"\bawait import\(": {"parts/player/screen.js"},
    r"\b(EventSource|sendBeacon|importScripts|Worker)\b": set(),
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|new Function)\b": set(),
}
"""What reaches out of a page, or lets text become code, and the one module that may."""


def name_of(path: Path) -> str:
    return path.relative_to(STATIC / "js").as_posix()


def test_the_package_knows_nothing_of_the_features() -> None:
    for path in sorted((ROOT / "murph" / "web").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            foreign = [n for n in names if n.startswith("murph") and not n.startswith(ALLOWED)]
            assert not foreign, f"{path.name}: {foreign}"


def test_only_the_named_modules_reach_out() -> None:
    for pattern, allowed in REACHES.items():
        found = {name_of(path) for path in MODULES if re.search(pattern, path.read_text())}
        assert found <= allowed, pattern


def test_requests_go_to_the_api_only() -> None:
    source, uploading = ((STATIC / "js" / "core" / name).read_text() for name in ("http.js", "upload.js"))
    assert re.findall(r'const BASE = "(.*)"', source) == ["/api/v1"]
    assert re.findall(r"\n  return `(\$.*?\})", source) == ["${BASE}"]
    assert len(re.findall(r"\bfetch\(", source)) == 1
    assert set(re.findall(r"reach\((\w+)\(", source)) == {"address"}
    assert re.findall(r"\.open\((.*)\);", uploading) == ['"POST", address(path)']


def test_no_module_takes_every_currency_for_one_with_hundredths() -> None:
    for path in MODULES:
        code = re.sub(r"/\*\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        assert re.findall(r"[\"'`]\d+\.\d\d[\"'`]|such as \d+\.\d\d", code) == [], name_of(path)


def test_no_file_names_another_host() -> None:
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            text = path.read_text().replace("http://www.w3.org/2000/svg", "")
            assert re.findall(r"(?:https?|wss?):(?:\\?/){2}[\w.]+|url\(", text) == [], path.name


def test_modules_import_what_is_there_and_by_relative_addresses() -> None:
    for path in MODULES:
        for address in re.findall(r'^import\b[^"]*?"([^"]+)";', path.read_text(), re.MULTILINE):
            assert address.startswith("."), f"{name_of(path)}: {address}"
            assert (path.parent / address).is_file(), f"{name_of(path)}: {address}"


def test_every_module_is_used_and_every_page_has_one() -> None:
    imported = {
        (path.parent / address).resolve()
        for path in MODULES
        for address in re.findall(r'"(\.{1,2}/[^"]+\.js)"', path.read_text())
    }
    of_pages = {STATIC / "js" / "pages" / f"{page.name}.js" for page in (*PAGES, MISSING)}
    assert FAILED.template == "failed.html"
    assert set(MODULES) == imported | of_pages


def test_every_icon_that_is_asked_for_is_drawn_and_no_other() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    modules = "\n".join(path.read_text() for path in MODULES)
    templates = "\n".join(path.read_text() for path in (STATIC.parent / "templates").glob("*.html"))
    in_templates = set(re.findall(r"icons\.svg'\) \}\}#([\w-]+)", templates))
    asked = set(re.findall(r'\b(?:icon|tool|state)\(\s*"([\w-]+)"', modules)) | in_templates
    assert asked <= drawn
    named = set(re.findall(r'"([\w-]+)"', modules)) | in_templates
    assert drawn <= named


def test_no_module_is_longer_than_can_be_kept_in_mind() -> None:
    assert [name_of(path) for path in MODULES if len(path.read_text().splitlines()) >= MAX_LINES] == []


def test_every_exported_function_says_what_it_is() -> None:
    for path in MODULES:
        bare = re.findall(
            r"(?<!\*/\n)^export (?:async )?(?:function|class)\*? (\w+)", path.read_text(), re.MULTILINE
        )
        assert not bare, f"{name_of(path)}: {bare}"
