"""Swagger UI is served whole from here, and its own security policy lets it run."""

import json
import re
from base64 import b64encode
from hashlib import sha256

from flask.testing import FlaskClient

PAGE = "/api/docs"


def test_the_page_answers_where_it_is_said_to_be_without_a_redirect(client: FlaskClient) -> None:
    assert client.get(PAGE).status_code == 200
    assert client.get(PAGE).data == client.get(f"{PAGE}/").data


def test_the_page_and_its_files_name_no_other_host(client: FlaskClient) -> None:
    page = client.get(PAGE).text
    files = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(files) >= 6
    assert all(file.startswith(f"{PAGE}/") for file in files), files
    assert "//" not in re.sub(r"^\s*//.*$|// User config.*$", "", page, flags=re.MULTILINE)
    for file in files:
        answer = client.get(file)
        assert answer.status_code == 200, file
        if file.endswith(".css"):
            assert set(re.findall(r"https?://[\w.]+", answer.text)) <= {
                "http://www.w3.org"
            }  # the name of SVG


def test_the_page_shows_our_document_and_asks_nobody_whether_it_is_valid(client: FlaskClient) -> None:
    match = re.search(r"var user_config = ({.*});", client.get(PAGE).text)
    assert match
    config = json.loads(match[1])
    assert client.get(config["url"]).get_json()["openapi"].startswith("3.1")
    assert config["validatorUrl"] is None
    assert config["oauth2RedirectUrl"] is None


def test_the_policy_allows_the_one_script_in_the_page_and_no_other_inline_one(client: FlaskClient) -> None:
    answer = client.get(PAGE)
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    (script,) = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert policy["script-src"] == f"'self' 'sha256-{digest}'"
    assert policy["default-src"] == "'self'"
    assert not re.search(r"\son\w+=", answer.text), "an inline handler would be blocked"
