"""Settings, read from the environment and an optional ``.env`` file.

Every name is documented in ``.env.example``. In production nothing secret has a default:
the process refuses to start instead.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from murph.core import embedded, money, production
from murph.core.production import SECRETS

ROOT = Path(__file__).resolve().parent
LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""Where to reach this host when it listens at every address it has."""
LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "::1"}
FINTERNET_KEY = r"^(sk_(live|test|hackathon)_[!-~]+)?$"
_SEGMENT = r"[A-Za-z0-9_-][A-Za-z0-9._-]*"
STORAGE = (
    r"^(file:///[^?#]*[^?#/]/?|memory://"
    rf"|s3://[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9](/{_SEGMENT})*/?)?$"
)
AI_KEYS = ("GOOGLE_AI_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GROQ_API_KEY")
AI_ADDRESSES = ("GOOGLE_AI_API_URL", "OPENAI_API_URL", "ANTHROPIC_API_URL", "GROQ_API_URL")
REPORTING = {
    "SENTRY_DSN": "sentry_sdk",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "opentelemetry.exporter.otlp.proto.http",
}
"""Settings that need a library which is not installed by default."""
RATE = r"^[1-9][0-9]*/(second|minute|hour|day)$"
_STEP = r"[1-9][0-9]{0,3}/([1-9][0-9]{0,3})?(second|minute|hour|day)s?"
BACKOFF = rf"^{_STEP}(;{_STEP})*$"


def _whole(default: int, lowest: int, highest: int | None = None) -> Any:
    """Return a field for a whole number within bounds."""
    bounds = f"of at least {lowest}" if highest is None else f"from {lowest} to {highest}"
    return Field(default=default, ge=lowest, le=highest, description=f"a whole number {bounds}")


def _switch(default: bool) -> Any:
    return Field(default=default, description="true or false")


def _rate(default: str) -> Any:
    return Field(default=default, pattern=RATE, description=f"a count per time, such as {default}")


def _ai_key() -> Any:
    # Visible ASCII only: the HTTP libraries would quote the whole key in their complaint.
    return Field(default="", pattern="^[!-~]*$", description="a key of visible characters, without spaces")


def _ai_model(default: str) -> Any:
    return Field(
        default=default, pattern="^[A-Za-z0-9][A-Za-z0-9._:/-]*$", description=f"a model, such as {default}"
    )


class Settings(BaseSettings):
    """One field per setting; the field's name is the variable's name, its description what to write."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env",
        env_ignore_empty=True,  # compose.yaml hands every setting on, those too that nobody set
        extra="ignore",
        case_sensitive=True,
        hide_input_in_errors=True,  # a refusal would print every other setting, the secrets too
    )

    APP_NAME: str = "Murph"
    MURPH_ENV: Literal["development", "test", "production"] = Field(
        default="development", description="development, test or production"
    )
    LOG_FORMAT: Literal["text", "json"] = Field(default="text", description="text or json")
    INSTANCE_PATH: Path = ROOT / "instance"

    SECRET_KEY: str = ""
    SECRET_KEY_PREVIOUS: str = ""
    JWT_SECRET_KEY: str = ""
    MEDIA_KEY: str = ""
    MEDIA_KEY_PREVIOUS: str = ""

    DATABASE_URL: str = ""
    REDIS_URL: str = ""
    STORAGE_URL: str = Field(
        default="",
        pattern=STORAGE,
        description="file:///folder, s3://bucket or s3://bucket/prefix, or left out for the folder media in "
        "INSTANCE_PATH",
    )
    AWS_ENDPOINT_URL: str = ""
    AWS_REGION: str = Field(default="", pattern="^[a-z0-9-]*$", description="a region, such as eu-central-1")
    AWS_ACCESS_KEY_ID: str = ""
    AWS_SECRET_ACCESS_KEY: str = ""

    HOST: str = "127.0.0.1"
    PORT: int = _whole(8000, 1, 65535)
    WEB_WORKERS: int = _whole(0, 0)
    WEB_TIMEOUT_SECONDS: int = _whole(30, 5)
    WEB_GRACE_SECONDS: int = _whole(10, 1)
    WEB_KEEPALIVE_SECONDS: int = _whole(2, 1)
    PUBLIC_URL: str = ""
    ALLOWED_ORIGINS: list[str] = Field(
        default=[], description='a JSON list of origins, such as ["https://app.example.org"]'
    )
    TRUSTED_PROXIES: int = _whole(0, 0, 5)
    METRICS_TOKEN: str = Field(
        default="",
        pattern="^([!-~]{16,})?$",
        description="at least 16 visible characters without spaces, or left out",
    )
    MAX_SOCKETS: int = _whole(0, 0)
    SOCKET_MESSAGES_PER_SECOND: int = _whole(4, 1)
    MAX_UPLOAD_BYTES: int = _whole(4 * 2**30 - 1, 1)
    SENTRY_DSN: str = ""
    OTEL_EXPORTER_OTLP_ENDPOINT: str = ""
    RATE_LIMITS_ENABLED: bool = _switch(True)
    LOGIN_LIMIT_PER_ACCOUNT: str = _rate("10/minute")
    LOGIN_FAILURES_PER_ACCOUNT: str = _rate("100/hour")
    LOGIN_BACKOFF: str = Field(
        default="15/5minutes;20/15minutes",
        pattern=BACKOFF,
        description="counts per time with semicolons between them, such as 15/5minutes;20/15minutes",
    )
    LOGIN_LIMIT_PER_ADDRESS: str = _rate("60/minute")
    REGISTER_LIMIT_PER_ADDRESS: str = _rate("120/minute")
    SENSITIVE_LIMIT_PER_ACCOUNT: str = Field(
        default="",
        pattern=f"^$|{RATE}",
        description="a count per time, such as 60/minute, or left out for none",
    )

    CHAT_LIMIT_PER_ACCOUNT: str = _rate("30/minute")
    AI_TOKENS_PER_DAY: int = _whole(50_000, 0)
    CHAT_WORKERS: int = _whole(10, 1, 64)

    PASSWORD_HASH_TIME_COST: int = _whole(2, 1)
    PASSWORD_HASH_MEMORY_KIB: int = _whole(19 * 1024, 8)

    CURRENCY: str = Field(
        default="USD", pattern="^[A-Z]{3}$", description="three capital letters, such as USD"
    )
    DEFAULT_LOCK_AMOUNT: str = "30.00"
    # Above the highest bonus: otherwise teachers would earn by reviewing themselves.
    PLATFORM_FEE_BPS: int = _whole(2000, 1501, 9999)
    FINTERNET_API_URL: str = "https://api.fmm.finternetlab.io/api/v1"
    FINTERNET_API_KEY: str = Field(
        default="",
        pattern=FINTERNET_KEY,
        description="a key that begins with sk_live_, sk_test_ or sk_hackathon_, or left out for the sandbox",
    )
    FINTERNET_WEBHOOK_SECRET: str = ""
    ALLOW_TEST_MONEY: bool = _switch(False)

    GOOGLE_AI_API_KEY: str = _ai_key()
    GOOGLE_AI_MODEL: str = _ai_model("gemini-3.5-flash-lite")
    GOOGLE_AI_EMBEDDING_MODEL: str = _ai_model("gemini-embedding-001")
    GOOGLE_AI_API_URL: str = "https://generativelanguage.googleapis.com"
    OPENAI_API_KEY: str = _ai_key()
    OPENAI_MODEL: str = _ai_model("gpt-5.4-mini")
    OPENAI_EMBEDDING_MODEL: str = _ai_model("text-embedding-3-small")
    OPENAI_API_URL: str = "https://api.openai.com/v1"
    ANTHROPIC_API_KEY: str = _ai_key()
    ANTHROPIC_MODEL: str = _ai_model("claude-haiku-5-5")
    ANTHROPIC_API_URL: str = "https://api.anthropic.com"
    GROQ_API_KEY: str = _ai_key()
    GROQ_MODEL: str = _ai_model("openai/gpt-oss-20b")
    GROQ_API_URL: str = "https://api.groq.com/openai/v1"
    AI_TIMEOUT_SECONDS: float = Field(default=8, ge=0.1, le=20, description="seconds from 0.1 to 20")

    MIN_SESSION_DURATION_SECONDS: int = _whole(60, 0)
    METERING_UPDATE_INTERVAL_SECONDS: float = Field(
        default=5, ge=0.1, le=60, description="seconds from 0.1 to 60: more reports than that are only load"
    )
    RECONNECT_GRACE_SECONDS: float = Field(default=120, ge=0, description="seconds, 0 or more")
    REVIEW_EDIT_WINDOW_HOURS: int = _whole(24, 0, 720)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        is_production, complaints = self.MURPH_ENV == "production", list(self._useless_values())
        if is_production:
            complaints += production.complaints(self.model_dump(), takes_real_money=self.takes_real_money)
        if complaints:
            raise ValueError("\n".join(complaints))
        self.INSTANCE_PATH = self.INSTANCE_PATH.resolve()
        self.INSTANCE_PATH.mkdir(parents=True, exist_ok=True)
        if not is_production:
            self._fill_development_secrets()
        self.DATABASE_URL = self.DATABASE_URL or f"sqlite:///{self.INSTANCE_PATH / 'murph.sqlite3'}"
        # On SQLite the web process runs threads, and 56 of its 256 stay free for plain requests.
        self.MAX_SOCKETS = self.MAX_SOCKETS or (200 if self.DATABASE_URL.startswith("sqlite") else 10_000)
        self.REDIS_URL = self.REDIS_URL or embedded.queue_url(self.INSTANCE_PATH)
        self.STORAGE_URL = self.STORAGE_URL or (self.INSTANCE_PATH / "media").as_uri()
        self.PUBLIC_URL = (self.PUBLIC_URL or self._listening_url()).rstrip("/")
        origins = [origin.removesuffix("/") for origin in self.ALLOWED_ORIGINS]  # as browsers send them
        self.ALLOWED_ORIGINS = [*origins, *_loopback_origins(self.PUBLIC_URL)]
        return self

    def _useless_values(self) -> Iterator[str]:
        if not self._default_lock_minor():
            example = money.to_text(3000, self.CURRENCY)
            yield f"DEFAULT_LOCK_AMOUNT must be an amount above zero, such as {example}"
        for name in ("PUBLIC_URL", "FINTERNET_API_URL", "AWS_ENDPOINT_URL", *AI_ADDRESSES):
            address = getattr(self, name)
            if address and not _is_web_address(address):
                yield (
                    f"{name} must begin with http:// or https:// and name a host, such as "
                    "https://murph.example.org"
                )
        if self.takes_real_money and not self.FINTERNET_API_URL.startswith("https://"):
            yield "FINTERNET_API_URL must begin with https:// when the key is a live one"
        for name in AI_ADDRESSES:
            address = getattr(self, name)
            if not address:
                yield f"{name} must be left out or be an address, not empty"
            elif _is_web_address(address) and urlsplit(address).scheme == "http" and not _is_near(address):
                yield f"{name} must begin with https:// unless its host is this one or has no dot"
        if not all(origin == "*" or _is_origin(origin) for origin in self.ALLOWED_ORIGINS):
            yield _expected("ALLOWED_ORIGINS").removesuffix(".")
        yield from self._useless_storage()
        yield from self._useless_reporting()

    def _useless_reporting(self) -> Iterator[str]:
        for name, library in REPORTING.items():
            if not (address := getattr(self, name)):
                continue
            if not _is_web_address(address):
                yield f"{name} must be an address that begins with http:// or https://, or be left out"
            elif not _is_installed(library):
                yield f"{name} needs what `pip install -r requirements-observability.txt` installs"

    def _useless_storage(self) -> Iterator[str]:
        if self.STORAGE_URL == "memory://" and self.MURPH_ENV != "test":
            yield "STORAGE_URL must not be memory:// outside tests, as it ends with the process"
        endpoint = self.AWS_ENDPOINT_URL
        if _is_web_address(endpoint) and urlsplit(endpoint).scheme == "http" and not _is_near(endpoint):
            yield "AWS_ENDPOINT_URL must begin with https:// unless its host is this one or has no dot"
        if bool(self.AWS_ACCESS_KEY_ID) != bool(self.AWS_SECRET_ACCESS_KEY):
            yield "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set together, or neither"

    def _default_lock_minor(self) -> int:
        try:
            return money.parse(self.DEFAULT_LOCK_AMOUNT, self.CURRENCY)
        except ValueError:
            return 0

    def _listening_url(self) -> str:
        host = LOOPBACK_OF.get(self.HOST, self.HOST)
        return f"http://[{host}]:{self.PORT}" if ":" in host else f"http://{host}:{self.PORT}"

    def _fill_development_secrets(self) -> None:
        stored = _development_secrets(self.INSTANCE_PATH / "secrets.json")
        for name in SECRETS:
            setattr(self, name, getattr(self, name) or stored[name])

    @property
    def takes_real_money(self) -> bool:
        """Tell whether people pay with real money here."""
        return self.FINTERNET_API_KEY.startswith("sk_live_")

    def flask_config(self) -> dict[str, Any]:
        """Return the settings as the mapping that the application factory takes."""
        return self.model_dump()


def load() -> Settings:
    """Return the settings of this process, which ends with a line for each that is mistyped.

    Raises:
        SystemExit: some are; nothing that was written is repeated, as it may be secret.
    """
    try:
        return Settings()
    except (ValidationError, SettingsError) as error:
        raise SystemExit("\n".join(refusals(error))) from None


def refusals(error: ValidationError | SettingsError) -> list[str]:
    """Return a sentence for each setting that was refused: its name, and what to write."""
    if isinstance(error, SettingsError):  # only lists are read as JSON
        return [_expected("ALLOWED_ORIGINS")]
    found = error.errors()
    of_fields = [_expected(str(each["loc"][0])) for each in found if each["loc"]]
    of_all = [each["msg"].removeprefix("Value error, ") for each in found if not each["loc"]]
    return of_fields + [f"{line}." for complaint in of_all for line in complaint.splitlines()]


def _expected(name: str) -> str:
    return f"{name} must be {Settings.model_fields[name].description}."


def _is_web_address(url: str) -> bool:
    """Tell whether this is the address of a web server, without a query or a fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.fragment)


def _is_origin(url: str) -> bool:
    return _is_web_address(url) and urlsplit(url).path in ("", "/") and "@" not in url


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even what it is in
        return False


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK_HOSTS


def _is_near(url: str) -> bool:
    """Tell whether nobody can listen in: this machine, or a name that exists in a private network only."""
    host = urlsplit(url).hostname or ""
    return _is_loopback(url) or not ({".", ":"} & set(host))


def _loopback_origins(url: str) -> list[str]:
    """Return what a browser may call the server at `url` when that is on its own machine."""
    parts = urlsplit(url)
    if not _is_loopback(url):
        return []
    port = f":{parts.port}" if parts.port else ""
    return [f"{parts.scheme}://{host}{port}" for host in ("localhost", "127.0.0.1")]


def _development_secrets(path: Path) -> dict[str, str]:
    """Read the generated secrets, making them once so that tokens and videos survive a restart."""
    stored = _read_secrets(path)
    if stored.keys() >= set(SECRETS):
        return stored
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # of two processes starting at once, one writes and both read it
        stored = {name: secrets.token_urlsafe(48) for name in SECRETS} | _read_secrets(path)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(stored))
        draft.replace(path)
    finally:
        os.close(folder)
    return stored


def _read_secrets(path: Path) -> dict[str, str]:
    """Return what has been generated, by whatever version; a file is only ever replaced as a whole."""
    stored: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return stored
