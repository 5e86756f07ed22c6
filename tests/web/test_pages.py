"""The pages' shells: what they answer, what they let browsers do, and where their files are."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from gunicorn.http.wsgi import HEADER_VALUE_RE

from murph.core.ids import new_id
from murph.web import policy
from murph.web.assets import STATIC, Assets
from murph.web.pages import PAGES

FIRST_PAGE_BYTES = 150_000
ANSWERS_BYTES = 40_000
"""What the API's answers to the first page may come to."""
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def addresses() -> list[str]:
    return [re.sub("<uuid:.*?>", str(new_id()), page.rule) for page in PAGES]


def test_every_page_answers_with_a_strict_policy(client: FlaskClient) -> None:
    for address in addresses():
        answer = client.get(address, headers=BROWSER)
        assert answer.status_code == 200, address
        assert answer.mimetype == "text/html"
        rules = dict(rule.split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split("; "))
        assert rules["default-src"] == "'none'"
        assert rules["script-src"] == rules["style-src"] == rules["img-src"] == "'self'"
        assert rules["connect-src"] == "'self' ws://127.0.0.1:8000"
        assert rules["media-src"] == "'self' blob:"
        assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(("currency", "places"), [("USD", 2), ("JPY", 0), ("BHD", 3)])
def test_scripts_are_told_how_many_places_an_amount_has(app: Flask, currency: str, places: int) -> None:
    app.config["CURRENCY"] = currency
    assert f'data-currency="{currency}" data-places="{places}"' in app.test_client().get("/").text


def test_no_page_has_code_or_style_of_its_own(client: FlaskClient) -> None:
    for address in addresses():
        html = client.get(address).text
        assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html) == []
        assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", html) == []


def test_every_file_that_a_page_names_is_there_for_good(client: FlaskClient) -> None:
    names = {
        name for address in addresses() for name in re.findall(r'"(/static/[^"#]+)', client.get(address).text)
    }
    assert len(names) > 15
    for name in names:
        answer = client.get(name)
        assert answer.status_code == 200, name
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        answer.close()


def test_a_page_is_not_sent_again_unchanged(client: FlaskClient) -> None:
    first = client.get("/wallet")
    assert first.headers["Cache-Control"] == "no-cache"
    assert client.get("/wallet", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_the_address_of_files_changes_with_any_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "one.js").write_text("1")
    monkeypatch.setattr("murph.web.assets.STATIC", tmp_path)
    monkeypatch.setattr("murph.web.assets.VENDOR", tmp_path / "vendor")
    before = Assets()
    (tmp_path / "js" / "one.js").write_text("2")
    assert Assets().digest != before.digest
    assert before.url("js/one.js") == f"/static/{before.digest}/js/one.js"


def test_files_of_another_version_are_not_kept(client: FlaskClient) -> None:
    answer = client.get("/static/0000000000000000/css/base.css")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
    answer.close()


@pytest.mark.parametrize("name", ["../pages.py", "..%2Fpages.py", "js/../../pages.py", "css", "", "%00"])
def test_only_files_for_pages_are_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{'0' * 16}/{name}").status_code == 404


def test_a_person_gets_a_page_where_nothing_is_and_a_program_a_problem(client: FlaskClient) -> None:
    page = client.get("/nothing", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "Content-Security-Policy" in page.headers
    for address in ("/nothing", "/api/v1/nothing", "/media/x", "/courses/1"):
        headers = BROWSER if address.startswith(("/api", "/media")) else {}
        assert client.get(address, headers=headers).mimetype == "application/problem+json"


def test_a_page_that_fails_says_so(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError

    monkeypatch.setattr("murph.web.pages._elsewhere", fail)
    answer = client.get("/wallet", headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert "Something went wrong on our side" in answer.text


def test_the_other_name_of_this_machine_leads_to_the_one_that_sign_ins_are_for(client: FlaskClient) -> None:
    answer = client.get("/wallet?x=1", base_url="http://localhost:8000")
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://127.0.0.1:8000/wallet?x=1")
    assert client.get("/wallet", base_url="http://evil.example.org").status_code == 200
    assert client.get("/wallet", base_url="http://localhost:9000").status_code == 200


def test_only_the_players_page_plays_from_another_host(client: FlaskClient) -> None:
    address = f"/watch/{new_id()}?media=https://videos.example.org"
    assert (
        "media-src 'self' blob: https://videos.example.org;"
        in client.get(address).headers["Content-Security-Policy"]
    )
    other = client.get("/wallet?media=https://videos.example.org").headers["Content-Security-Policy"]
    assert "videos.example.org" not in other


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "http://a.example.org",
        "https://",
        "https://a b",
        "https://a;script-src *",
        "https://*",
        "https://x@a.org",
        "https://a:x",
        "https://[::1]",
        "https://a\n",
        "data:",
    ],
)
def test_what_is_no_https_origin_opens_nothing(asked: str) -> None:
    assert policy.media_origin_of(asked) is None


def test_every_page_can_be_sent_whatever_its_address_asks_for(client: FlaskClient) -> None:
    for character in map(chr, (*range(33), 127, 233)):
        address = f"/watch/{new_id()}?media={quote(f'https://a{character}b')}"
        answer = client.get(address, headers=BROWSER)
        assert answer.status_code == 200, character
        assert all(HEADER_VALUE_RE.fullmatch(value) for value in answer.headers.values()), character


def test_the_first_page_is_small(client: FlaskClient) -> None:
    def size(address: str) -> int:
        with client.get(address) as answer:
            return len(answer.data)

    shell = client.get("/").text
    files = set(re.findall(r'"(/static/[^"#]+)', shell)) - set(re.findall(r'data-player="([^"]*)"', shell))
    named = [STATIC / name.split("/", 3)[3] for name in files if name.endswith(".js")]
    modules = {path for first in named for path in reached_from(first)}
    total = len(shell) + sum(map(size, files - {name for name in files if name.endswith(".js")}))
    assert total + sum(path.stat().st_size for path in modules) <= FIRST_PAGE_BYTES - ANSWERS_BYTES


def reached_from(module: Path, known: frozenset[Path] = frozenset()) -> frozenset[Path]:
    """Return a module with all that it imports."""
    known |= {module}
    for name in re.findall(r'"(\.{1,2}/[^"]+\.js)"', module.read_text()):
        imported = (module.parent / name).resolve()
        if imported not in known:
            known |= reached_from(imported, known)
    return known
