from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config import Settings

PRODUCTION: dict[str, Any] = {
    "MURPH_ENV": "production",
    "SECRET_KEY": "s" * 32,
    "JWT_SECRET_KEY": "j" * 32,
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


def test_development_secrets_survive_a_restart_and_are_private(tmp_path: Path) -> None:
    first, second = make(tmp_path), make(tmp_path)
    assert first.SECRET_KEY == second.SECRET_KEY
    assert len({first.SECRET_KEY, first.JWT_SECRET_KEY}) == 2
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0


def test_the_public_address_follows_host_and_port(tmp_path: Path) -> None:
    assert make(tmp_path, HOST="10.0.0.1", PORT=9000).PUBLIC_URL == "http://10.0.0.1:9000"


@pytest.mark.parametrize(
    ("name", "value"),
    [("CURRENCY", "usd"), ("PLATFORM_FEE_BPS", 1500), ("PORT", 0), ("MURPH_ENV", "staging")],
)
def test_a_senseless_value_is_refused(tmp_path: Path, name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=name):
        make(tmp_path, **{name: value})
