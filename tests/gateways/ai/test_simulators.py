"""The simulators insist on what the vendors insist on, and can be told to fail."""

from typing import Any

import httpx
import pytest
from flask import Flask

from murph.gateways.ai.prompt import SCHEMA
from murph.gateways.ai.simulators.behaviour import BEHAVIOURS
from tests.support.ai import KEY, VENDORS, Simulators, running_simulators

_HTTP = httpx.Client(trust_env=False)
MESSAGE = {"role": "user", "content": "{}"}
PATHS = {
    "gemini": "/v1beta/models/m:generateContent",
    "openai": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "groq": "/openai/v1/chat/completions",
}
OPENAI = {
    "model": "m",
    "messages": [MESSAGE],
    "response_format": {"type": "json_schema", "json_schema": {"strict": True, "schema": SCHEMA}},
}
BODIES: dict[str, dict[str, Any]] = {
    "gemini": {
        "contents": [{"role": "user", "parts": [{"text": "{}"}]}],
        "generationConfig": {"responseMimeType": "application/json", "responseSchema": {"type": "object"}},
    },
    "openai": OPENAI,
    "anthropic": {
        "model": "m",
        "max_tokens": 10,
        "messages": [MESSAGE],
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
    },
    "groq": OPENAI,
}
HEADERS = {
    "gemini": {"x-goog-api-key": KEY},
    "openai": {"Authorization": f"Bearer {KEY}"},
    "anthropic": {"x-api-key": KEY, "anthropic-version": "2023-06-01"},
    "groq": {"Authorization": f"Bearer {KEY}"},
}
LOOSE = {"type": "object", "properties": {"a": {"type": "string"}}}


def post(simulators: Simulators, vendor: str, body: object, headers: Any = None) -> httpx.Response:
    wanted = HEADERS[vendor] if headers is None else headers
    return _HTTP.post(simulators.origin + PATHS[vendor], json=body, headers=wanted)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_sound_request_is_answered(simulators: Simulators, vendor: str) -> None:
    assert post(simulators, vendor, BODIES[vendor]).status_code == 200


@pytest.mark.parametrize("vendor", VENDORS)
def test_without_the_key_nothing_is_answered(simulators: Simulators, vendor: str) -> None:
    for headers in ({}, dict.fromkeys(HEADERS[vendor], "wrong")):
        answer = post(simulators, vendor, BODIES[vendor], headers)
        assert answer.status_code == (400 if vendor == "gemini" else 401)
        assert "API_KEY_INVALID" in answer.text or vendor != "gemini"


@pytest.mark.parametrize(
    ("vendor", "change"),
    [
        ("gemini", {"contents": []}),
        ("gemini", {"contents": [{"role": "assistant", "parts": [{"text": "x"}]}]}),
        ("gemini", {"generationConfig": {"responseMimeType": "application/json", "responseSchema": SCHEMA}}),
        ("openai", {"messages": [{"role": "user", "content": ""}]}),
        ("openai", {"response_format": {"json_schema": {"strict": True, "schema": LOOSE}}}),
        ("anthropic", {"max_tokens": None}),
        ("anthropic", {"messages": [{"role": "assistant", "content": "x"}]}),
        ("anthropic", {"output_config": {"format": {"schema": LOOSE}}}),
        ("groq", {"stream": True}),
    ],
)
def test_what_a_vendor_would_refuse_is_refused(
    simulators: Simulators, vendor: str, change: dict[str, Any]
) -> None:
    assert post(simulators, vendor, BODIES[vendor] | change).status_code == 400


def test_a_switch_that_is_none_is_refused_with_those_there_are(simulators: Simulators) -> None:
    for path, body in (("gemini", {"behaviour": "odd"}), ("bing", {}), ("groq", {"speed": 7}), ("groq", [])):
        answer = _HTTP.post(f"{simulators.origin}/_control/{path}", json=body)
        assert answer.status_code == 400
    told = _HTTP.post(f"{simulators.origin}/_control/gemini", json={"behaviour": "odd"}).json()["message"]
    assert all(name in told for name in BEHAVIOURS)


def test_one_can_begin_misbehaving(tmp_path: Any) -> None:
    with running_simulators(tmp_path, "--behave=openai=500") as simulators:
        assert simulators.state("openai")["behaviour"] == "500"
        assert post(simulators, "openai", OPENAI).status_code == 500


def test_the_settings_that_it_prints_are_those_that_are_read(app: Flask) -> None:
    output = app.test_cli_runner().invoke(args=["discovery", "simulator", "--help"]).output
    assert "--behave" in output
    wrong = app.test_cli_runner().invoke(args=["discovery", "simulator", "--port=0", "--behave=bing=500"])
    assert (wrong.exit_code, "there are gemini, openai" in wrong.output) == (1, True)
