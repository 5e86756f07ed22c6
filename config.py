"""Settings, read from the environment and an optional ``.env`` file.

Every name is documented in ``.env.example``. In production nothing secret has a default:
the process refuses to start instead.
"""

import json
import os
import secrets
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from murph.core import embedded, money

ROOT = Path(__file__).resolve().parent
MIN_SECRET_LENGTH = 32
MIN_SECRET_CHARACTERS = 12
MIN_UPDATE_INTERVAL_S = 0.1
LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""Where to reach this host when it listens at every address it has."""
LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "::1"}
FINTERNET_KEY = r"^(sk_(live|test|hackathon)_[!-~]+)?$"
RATE = r"^[1-9][0-9]*/(second|minute|hour|day)$"


class Settings(BaseSettings):
    """One field per setting; the field's name is the variable's name."""

    # Without the input: a refusal would print every other setting, the secrets too.
    model_config = SettingsConfigDict(
        env_file=ROOT / ".env", extra="ignore", case_sensitive=True, hide_input_in_errors=True
    )

    APP_NAME: str = "Murph"
    MURPH_ENV: Literal["development", "test", "production"] = "development"
    LOG_FORMAT: Literal["text", "json"] = "text"
    INSTANCE_PATH: Path = ROOT / "instance"

    SECRET_KEY: str = ""
    JWT_SECRET_KEY: str = ""

    DATABASE_URL: str = ""
    REDIS_URL: str = ""
    STORAGE_PATH: Path | None = None

    HOST: str = "127.0.0.1"
    PORT: int = Field(default=8000, ge=1, le=65535)
    WEB_WORKERS: int = Field(default=0, ge=0)
    PUBLIC_URL: str = ""
    ALLOWED_ORIGINS: list[str] = []
    TRUSTED_PROXIES: int = Field(default=0, ge=0, le=5)
    MAX_SOCKETS: int = Field(default=0, ge=0)
    SOCKET_MESSAGES_PER_SECOND: int = Field(default=4, ge=1)
    RATE_LIMITS_ENABLED: bool = True
    LOGIN_LIMIT_PER_ACCOUNT: str = Field(default="10/minute", pattern=RATE)
    LOGIN_LIMIT_PER_ADDRESS: str = Field(default="60/minute", pattern=RATE)
    REGISTER_LIMIT_PER_ADDRESS: str = Field(default="120/minute", pattern=RATE)

    PASSWORD_HASH_TIME_COST: int = Field(default=2, ge=1)
    PASSWORD_HASH_MEMORY_KIB: int = Field(default=19 * 1024, ge=8)

    CURRENCY: str = Field(default="USD", pattern="^[A-Z]{3}$")
    DEFAULT_LOCK_AMOUNT: str = "30.00"
    PLATFORM_FEE_BPS: int = Field(default=2000, gt=1500, lt=10_000)
    FINTERNET_API_URL: str = "https://api.fmm.finternetlab.io/api/v1"
    FINTERNET_API_KEY: str = Field(default="", pattern=FINTERNET_KEY)
    FINTERNET_WEBHOOK_SECRET: str = ""
    ALLOW_TEST_MONEY: bool = False

    MIN_SESSION_DURATION_SECONDS: int = Field(default=60, ge=0)
    METERING_UPDATE_INTERVAL_SECONDS: float = Field(default=5, le=60)
    RECONNECT_GRACE_SECONDS: float = Field(default=120, ge=0)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        self._refuse_useless_values()
        self.INSTANCE_PATH = self.INSTANCE_PATH.resolve()
        self.INSTANCE_PATH.mkdir(parents=True, exist_ok=True)
        if self.MURPH_ENV == "production":
            self._require_production_settings()
        else:
            self._fill_development_secrets()
        self.DATABASE_URL = self.DATABASE_URL or f"sqlite:///{self.INSTANCE_PATH / 'murph.sqlite3'}"
        # On SQLite the web process runs threads, and 56 of its 256 stay free for plain requests.
        self.MAX_SOCKETS = self.MAX_SOCKETS or (200 if self.DATABASE_URL.startswith("sqlite") else 10_000)
        self.REDIS_URL = self.REDIS_URL or embedded.queue_url(self.INSTANCE_PATH)
        self.STORAGE_PATH = self.STORAGE_PATH or self.INSTANCE_PATH / "media"
        self.PUBLIC_URL = (self.PUBLIC_URL or self._listening_url()).rstrip("/")
        self.ALLOWED_ORIGINS = [*self.ALLOWED_ORIGINS, *_loopback_origins(self.PUBLIC_URL)]
        return self

    def _refuse_useless_values(self) -> None:
        if self.METERING_UPDATE_INTERVAL_SECONDS < MIN_UPDATE_INTERVAL_S:
            raise ValueError(
                f"METERING_UPDATE_INTERVAL_SECONDS must be at least {MIN_UPDATE_INTERVAL_S}: "
                "more reports than that from every player are only load"
            )
        if money.parse(self.DEFAULT_LOCK_AMOUNT, self.CURRENCY) == 0:
            raise ValueError("DEFAULT_LOCK_AMOUNT must be more than zero: a session is paid from it")
        if self.takes_real_money and not self.FINTERNET_API_URL.startswith("https://"):
            raise ValueError("FINTERNET_API_URL must begin with https:// when the key is a live one")

    def _listening_url(self) -> str:
        host = LOOPBACK_OF.get(self.HOST, self.HOST)
        return f"http://[{host}]:{self.PORT}" if ":" in host else f"http://{host}:{self.PORT}"

    def _require_production_settings(self) -> None:
        for name in ("SECRET_KEY", "JWT_SECRET_KEY"):
            if len(getattr(self, name)) < MIN_SECRET_LENGTH:
                raise ValueError(
                    f"{name} must be set to at least {MIN_SECRET_LENGTH} characters in production"
                )
            if len(set(getattr(self, name))) < MIN_SECRET_CHARACTERS:
                raise ValueError(
                    f"{name} must have at least {MIN_SECRET_CHARACTERS} different characters in production: "
                    "let a generator of random text make it"
                )
        if self.SECRET_KEY == self.JWT_SECRET_KEY:
            raise ValueError("SECRET_KEY and JWT_SECRET_KEY must be two different secrets in production")
        for name in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL"):
            if not getattr(self, name):
                raise ValueError(f"{name} must be set in production")
        public = urlsplit(self.PUBLIC_URL)
        if public.scheme not in ("http", "https") or not public.hostname:
            raise ValueError("PUBLIC_URL must begin with http:// or https:// and name a host in production")
        if not self.takes_real_money and not self.ALLOW_TEST_MONEY:
            raise ValueError(
                "without a FINTERNET_API_KEY that begins with sk_live_ all money here is test money: "
                "set ALLOW_TEST_MONEY=1 to run that in production"
            )

    def _fill_development_secrets(self) -> None:
        stored = _development_secrets(self.INSTANCE_PATH / "secrets.json")
        self.SECRET_KEY = self.SECRET_KEY or stored["SECRET_KEY"]
        self.JWT_SECRET_KEY = self.JWT_SECRET_KEY or stored["JWT_SECRET_KEY"]

    @property
    def takes_real_money(self) -> bool:
        """Tell whether people pay with real money here."""
        return self.FINTERNET_API_KEY.startswith("sk_live_")

    def flask_config(self) -> dict[str, Any]:
        """Return the settings as the mapping that the application factory takes."""
        return self.model_dump()


def _loopback_origins(url: str) -> list[str]:
    """Return what a browser may call the server at `url` when that is on its own machine."""
    parts = urlsplit(url)
    if parts.hostname not in LOOPBACK_HOSTS:
        return []
    port = f":{parts.port}" if parts.port else ""
    return [f"{parts.scheme}://{host}{port}" for host in ("localhost", "127.0.0.1")]


def _development_secrets(path: Path) -> dict[str, str]:
    """Read the generated secrets, making them once so that tokens survive a restart."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        made = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "JWT_SECRET_KEY")}
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(made))
        try:
            os.link(draft, path)  # atomic: of two processes starting at once, one wins and both read it
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    stored: dict[str, str] = json.loads(path.read_text())
    return stored
