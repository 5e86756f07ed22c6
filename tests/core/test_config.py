import itertools
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config import ROOT, Settings, refusals
from murph.core.production import SECRETS
from murph.gateways import payment

PRODUCTION: dict[str, Any] = {
    "MURPH_ENV": "production",
    "SECRET_KEY": "The quick brown fox jumps over a lazy dog",
    "JWT_SECRET_KEY": "Pack my box with five dozen liquor jugs",
    "MEDIA_KEY": "How vexingly quick daft zebras jump over",
    "DATABASE_URL": "mysql+pymysql://murph@db/murph",
    "REDIS_URL": "redis://queue:6379/0",
    "PUBLIC_URL": "https://murph.example.org/",
    "ALLOW_TEST_MONEY": True,
}


def make(folder: Path, **values: Any) -> Settings:
    return Settings(_env_file=None, INSTANCE_PATH=folder, **values)  # type: ignore[call-arg]


def test_production_starts_with_all_it_needs(tmp_path: Path) -> None:
    assert make(tmp_path, **PRODUCTION).PUBLIC_URL == "https://murph.example.org"
    assert not (tmp_path / "secrets.json").exists()


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"MURPH_ENV"}))
def test_production_refuses_to_start_without(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        make(tmp_path, **{key: value for key, value in PRODUCTION.items() if key != name})


def test_a_short_secret_is_no_secret(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="SECRET_KEY"):
        make(tmp_path, **PRODUCTION | {"SECRET_KEY": "short"})


def test_a_secret_of_few_characters_is_no_secret(tmp_path: Path) -> None:
    for name in SECRETS:
        with pytest.raises(ValidationError, match=f"{name} must have at least 12 different characters"):
            make(tmp_path, **PRODUCTION | {name: "abcdefghijk" * 4})


LIVE = {"FINTERNET_API_KEY": "sk_live_0123", "ALLOW_TEST_MONEY": False}


@pytest.mark.parametrize(
    ("weak", "said"),
    [
        ({"SECRET_KEY_PREVIOUS": "a"}, "SECRET_KEY_PREVIOUS must be set to at least 32"),
        ({"MEDIA_KEY_PREVIOUS": "abc" * 20}, "MEDIA_KEY_PREVIOUS must have at least 12"),
        ({"METRICS_TOKEN": "a" * 40}, "METRICS_TOKEN must have at least 8"),
        ({**LIVE, "FINTERNET_WEBHOOK_SECRET": "x"}, "FINTERNET_WEBHOOK_SECRET must be set to at least 16"),
        ({"PASSWORD_HASH_MEMORY_KIB": 19455}, "PASSWORD_HASH_MEMORY_KIB must be at least 19456"),
        ({"PASSWORD_HASH_TIME_COST": 1}, "PASSWORD_HASH_MEMORY_KIB must be at least 47104"),
        ({"ALLOWED_ORIGINS": ["*"]}, "ALLOWED_ORIGINS must name each origin"),
        ({"ALLOWED_ORIGINS": ["https://*.example.org"]}, "ALLOWED_ORIGINS must name each origin"),
    ],
)
def test_production_refuses_what_is_weak_and_development_does_not(
    tmp_path: Path, weak: dict[str, Any], said: str
) -> None:
    assert make(tmp_path, **weak)
    with pytest.raises(ValidationError, match=said):
        make(tmp_path, **PRODUCTION | weak)


def test_production_takes_more_rounds_in_less_memory(tmp_path: Path) -> None:
    assert make(tmp_path, **PRODUCTION, PASSWORD_HASH_TIME_COST=9, PASSWORD_HASH_MEMORY_KIB=7168)
    assert make(tmp_path, **PRODUCTION | {"FINTERNET_WEBHOOK_SECRET": "x"})  # of a gateway of test money


def test_production_is_no_place_to_debug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(ValidationError, match="FLASK_DEBUG"):
        make(tmp_path, **PRODUCTION)
    monkeypatch.setenv("FLASK_DEBUG", "false")
    assert make(tmp_path, **PRODUCTION)


def test_an_origin_has_no_path_and_its_slash_is_taken_off(tmp_path: Path) -> None:
    settings = make(tmp_path, **PRODUCTION, ALLOWED_ORIGINS=["https://app.example.org/"])
    assert settings.ALLOWED_ORIGINS == ["https://app.example.org"]
    for wrong in (
        "app.example.org",
        "https://app.example.org/shop",
        "https://u:p@app.example.org",
        "https://",
    ):
        with pytest.raises(ValidationError, match="ALLOWED_ORIGINS must be a JSON list"):
            make(tmp_path, ALLOWED_ORIGINS=[wrong])


@pytest.mark.parametrize(("one", "other"), [*itertools.combinations(SECRETS, 2)])
def test_one_secret_does_not_serve_twice(tmp_path: Path, one: str, other: str) -> None:
    with pytest.raises(ValidationError, match=f"{one} and {other} must be two different secrets"):
        make(tmp_path, **PRODUCTION | {one: PRODUCTION[other]})


@pytest.mark.parametrize("url", ["murph.example.org", "ftp://murph.example.org", "https://", "//murph"])
def test_production_is_reached_over_http(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValidationError, match="PUBLIC_URL must begin with http"):
        make(tmp_path, **PRODUCTION | {"PUBLIC_URL": url})


def test_a_refusal_shows_no_secret(tmp_path: Path) -> None:
    with pytest.raises(ValidationError) as refused:
        make(tmp_path, MURPH_ENV="production", SECRET_KEY="hunter2")
    assert "hunter2" not in str(refused.value)


def test_development_secrets_survive_a_restart_and_are_private(tmp_path: Path) -> None:
    first, second = make(tmp_path), make(tmp_path)
    assert first.SECRET_KEY == second.SECRET_KEY
    assert len({first.SECRET_KEY, first.JWT_SECRET_KEY, first.MEDIA_KEY}) == 3
    assert first.MEDIA_KEY == second.MEDIA_KEY
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0
    assert os.listdir(tmp_path) == ["secrets.json"]


def test_development_secrets_of_an_older_version_gain_what_is_new(tmp_path: Path) -> None:
    before = {"SECRET_KEY": "s" * 64, "JWT_SECRET_KEY": "j" * 64}
    (tmp_path / "secrets.json").write_text(json.dumps(before))
    settings = make(tmp_path)
    assert (settings.SECRET_KEY, settings.JWT_SECRET_KEY) == ("s" * 64, "j" * 64)
    assert len(settings.MEDIA_KEY) >= 32
    assert make(tmp_path).MEDIA_KEY == settings.MEDIA_KEY


def test_processes_that_start_at_once_have_the_same_secrets(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text(json.dumps({"SECRET_KEY": "s" * 64, "JWT_SECRET_KEY": "j" * 64}))
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: make(tmp_path).MEDIA_KEY, range(16)))
    assert len(set(made)) == 1


def test_the_public_address_follows_host_and_port(tmp_path: Path) -> None:
    assert make(tmp_path, HOST="10.0.0.1", PORT=9000).PUBLIC_URL == "http://10.0.0.1:9000"


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://127.0.0.1:9000"), ("::", "http://[::1]:9000"), ("::1", "http://[::1]:9000")],
)
def test_every_address_is_reached_over_the_loopback_one(tmp_path: Path, host: str, url: str) -> None:
    assert url == make(tmp_path, HOST=host, PORT=9000).PUBLIC_URL


def test_both_names_of_this_machine_are_origins(tmp_path: Path) -> None:
    ours = ["http://localhost:9000", "http://127.0.0.1:9000"]
    assert ours == make(tmp_path, PORT=9000).ALLOWED_ORIGINS
    assert ours == make(tmp_path, HOST="0.0.0.0", PORT=9000).ALLOWED_ORIGINS
    app = ["https://app.example.org"]
    assert app + ours == make(tmp_path, PORT=9000, ALLOWED_ORIGINS=app).ALLOWED_ORIGINS
    assert make(tmp_path, **PRODUCTION).ALLOWED_ORIGINS == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CURRENCY", "usd"),
        ("PLATFORM_FEE_BPS", 1500),
        ("PORT", 0),
        ("PORT", "abc"),
        ("FINTERNET_API_URL", "127.0.0.1:9100"),
        ("PUBLIC_URL", "murph.example.org"),
        ("DEFAULT_LOCK_AMOUNT", "much"),
        ("MURPH_ENV", "staging"),
        ("METERING_UPDATE_INTERVAL_SECONDS", 0.09),
        ("DEFAULT_LOCK_AMOUNT", "0.00"),
    ],
)
def test_a_senseless_value_is_refused(tmp_path: Path, name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=name):
        make(tmp_path, **{name: value})


@pytest.mark.parametrize(
    "url",
    [
        "media",
        "/srv/media",
        "file://srv/media",
        "file:///",
        "file:///srv?x",
        "s3:/bucket",
        "s3//bucket",
        "s3://",
        "s3://Bucket",
        "s3://key:secret@bucket",
        "s3://bucket/../other",
        "s3://bucket//x",
        "s3://bucket?x=1",
        "https://bucket.s3.amazonaws.com",
        "memory:",
    ],
)
def test_a_mistyped_storage_is_refused_with_what_to_write(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        make(tmp_path, STORAGE_URL=url)
    assert refusals(refused.value) == [
        "STORAGE_URL must be file:///folder, s3://bucket or s3://bucket/prefix, "
        "or left out for the folder media in INSTANCE_PATH."
    ]


@pytest.mark.parametrize(
    "url", ["file:///srv/my%20media/", "s3://murph-media", "s3://murph.media/", "s3://murph-media/a/b_c"]
)
def test_a_storage_may_be_a_folder_or_a_bucket(tmp_path: Path, url: str) -> None:
    assert url == make(tmp_path, STORAGE_URL=url).STORAGE_URL


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"STORAGE_URL": "memory://", "MURPH_ENV": "development"}, "STORAGE_URL"),
        ({"AWS_ENDPOINT_URL": "minio:9000"}, "AWS_ENDPOINT_URL"),
        ({"AWS_ENDPOINT_URL": "http://["}, "AWS_ENDPOINT_URL"),
        ({"AWS_ENDPOINT_URL": "http://minio.example.org:9000"}, "AWS_ENDPOINT_URL"),
        ({"AWS_ENDPOINT_URL": "http://10.0.0.8:9000"}, "AWS_ENDPOINT_URL"),
        ({"AWS_ENDPOINT_URL": "http://[fd00::8]:9000"}, "AWS_ENDPOINT_URL"),
        ({"AWS_REGION": "EU Central"}, "AWS_REGION"),
        ({"AWS_ACCESS_KEY_ID": "a"}, "AWS_ACCESS_KEY_ID"),
        ({"AWS_SECRET_ACCESS_KEY": "a"}, "AWS_ACCESS_KEY_ID"),
    ],
)
def test_half_a_storage_is_refused(tmp_path: Path, settings: dict[str, str], name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        make(tmp_path, **settings)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"OPENAI_API_KEY": "sk key"}, "OPENAI_API_KEY"),
        ({"GROQ_API_KEY": "gsk_\n"}, "GROQ_API_KEY"),
        ({"ANTHROPIC_API_KEY": "schlüssel"}, "ANTHROPIC_API_KEY"),
        ({"GOOGLE_AI_MODEL": ""}, "GOOGLE_AI_MODEL"),
        ({"GOOGLE_AI_MODEL": "../x"}, "GOOGLE_AI_MODEL"),
        ({"OPENAI_API_URL": ""}, "OPENAI_API_URL"),
        ({"GROQ_API_URL": "api.groq.com"}, "GROQ_API_URL"),
        ({"ANTHROPIC_API_URL": "http://api.anthropic.com"}, "ANTHROPIC_API_URL"),
        ({"AI_TIMEOUT_SECONDS": "0"}, "AI_TIMEOUT_SECONDS"),
    ],
)
def test_a_provider_that_cannot_be_asked_is_refused(
    tmp_path: Path, settings: dict[str, str], name: str
) -> None:
    with pytest.raises(ValidationError, match=name):
        make(tmp_path, **settings)


def test_a_storage_of_this_machine_or_of_a_compose_network_needs_no_tls(tmp_path: Path) -> None:
    near = ("http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000", "http://minio:9000")
    for address in (*near, "https://minio.internal"):
        assert address == make(tmp_path, AWS_ENDPOINT_URL=address).AWS_ENDPOINT_URL


def test_every_setting_that_may_be_refused_says_what_to_write() -> None:
    fields = Settings.model_fields
    typed = [name for name, field in fields.items() if field.annotation not in (str, Path, Path | None)]
    bounded = [name for name, field in fields.items() if field.metadata]
    assert [name for name in [*typed, *bounded] if not fields[name].description] == []


PROGRAMS = {"flask": ["-m", "flask", "doctor"], "gunicorn": ["-m", "gunicorn"]}


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_every_program_says_in_a_line_each_what_is_mistyped(tmp_path: Path, program: str) -> None:
    wrong = {"PORT": "abc", "PLATFORM_FEE_BPS": "20001", "FINTERNET_API_KEY": "pk_test_123"}
    ended = start(program, tmp_path, wrong)
    assert ended.returncode == 1
    lines = ended.stderr.splitlines()
    assert [line.split()[0] for line in lines] == ["PORT", "PLATFORM_FEE_BPS", "FINTERNET_API_KEY"]
    assert lines[0] == "PORT must be a whole number from 1 to 65535."
    assert "pk_test_123" not in ended.stderr


def test_all_that_production_misses_is_said_at_once(tmp_path: Path) -> None:
    said = start("flask", tmp_path, {"MURPH_ENV": "production", "FINTERNET_API_URL": "127.0.0.1:9100"}).stderr
    named = [line.split()[0] for line in said.splitlines()]
    assert named == [
        "FINTERNET_API_URL",
        "SECRET_KEY",
        "JWT_SECRET_KEY",
        "MEDIA_KEY",
        "DATABASE_URL",
        "REDIS_URL",
        "PUBLIC_URL",
        "ALLOW_TEST_MONEY",
    ]
    listed = start("flask", tmp_path, {"ALLOWED_ORIGINS": "https://app.example.org"})
    assert (listed.returncode, listed.stderr.split()[0]) == (1, "ALLOWED_ORIGINS")


def start(program: str, folder: Path, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "INSTANCE_PATH": str(folder), **settings}
    command = [sys.executable, *PROGRAMS[program]]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("key", ["", "sk_test_0123", "sk_hackathon_0123"])
def test_production_with_test_money_has_to_want_it(tmp_path: Path, key: str) -> None:
    settings = PRODUCTION | {"FINTERNET_API_KEY": key}
    assert not make(tmp_path, **settings).takes_real_money
    with pytest.raises(ValidationError, match="ALLOW_TEST_MONEY"):
        make(tmp_path, **settings | {"ALLOW_TEST_MONEY": False})


def test_production_with_a_live_key_needs_no_leave(tmp_path: Path) -> None:
    live = PRODUCTION | {"FINTERNET_API_KEY": "sk_live_0123", "ALLOW_TEST_MONEY": False}
    assert make(tmp_path, **live).takes_real_money
    with pytest.raises(ValidationError, match="https"):
        make(tmp_path, **live | {"FINTERNET_API_URL": "http://gateway.example.org"})


@pytest.mark.parametrize("key", ["pk_live_0123", "sk_live_", "sk_other_0123", "sk_live_01 23", "..."])
def test_what_is_no_key_of_the_gateway_is_refused_and_not_shown(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValidationError, match="FINTERNET_API_KEY") as refused:
        make(tmp_path, FINTERNET_API_KEY=key)
    assert "0123" not in str(refused.value)


@pytest.mark.parametrize(
    ("key", "name", "is_test_money"),
    [
        ("", "sandbox", True),
        ("sk_test_0123", "finternet_test", True),
        ("sk_hackathon_0123", "finternet_test", True),
        ("sk_live_0123", "finternet", False),
    ],
)
def test_the_key_chooses_the_gateway(tmp_path: Path, key: str, name: str, is_test_money: bool) -> None:
    settings = make(tmp_path, FINTERNET_API_KEY=key)
    gateway = payment.from_config(settings.flask_config())
    assert (gateway.name, gateway.is_test_money) == (name, is_test_money)
    assert settings.takes_real_money is not is_test_money
