"""What the files for other people's machines promise, as far as reading them shows."""

import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import Settings
from murph.core.queue import QUEUES
from tests.support.processes import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
    "User": "murph",
}


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


def ours() -> dict[str, Any]:
    """Return the services that run Murph itself."""
    return {name: each for name, each in compose()["services"].items() if each["image"].startswith("murph")}


def unit(path: Path) -> RawConfigParser:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(path.read_text())
    return parser


def queues_in(commands: str) -> set[str]:
    return set(re.findall(r"--queue (\w+)", commands))


def test_every_queue_has_a_worker_however_murph_is_deployed() -> None:
    started = (ROOT / "deploy" / "systemd" / "murph.target").read_text()
    assert queues_in(" ".join(each.get("command", "") for each in ours().values())) == set(QUEUES)
    assert set(re.findall(r"murph-worker@(\w+)\.service", started)) == set(QUEUES)


OF_COMPOSE = {"MURPH_ENV", "TRUSTED_PROXIES", "DATABASE_URL", "REDIS_URL", "STORAGE_URL"}
OF_COMPOSE |= {"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
"""What compose.yaml decides, as it brings the services that these are about."""
OF_THE_IMAGE = {"HOST", "PORT", "INSTANCE_PATH"}


def test_compose_hands_every_setting_on() -> None:
    for name, each in ours().items():
        given = each["environment"]
        assert given.keys() == Settings.model_fields.keys() - OF_THE_IMAGE, name
        for setting in given.keys() - OF_COMPOSE:
            assert re.fullmatch(rf"\$\{{{setting}:-.*\}}", given[setting]), setting


def test_a_setting_that_is_handed_on_empty_has_its_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in Settings.model_fields.keys() - OF_COMPOSE - OF_THE_IMAGE:
        monkeypatch.setenv(name, "")
    found = Settings(_env_file=None, INSTANCE_PATH=tmp_path)  # type: ignore[call-arg]
    for name in (
        "CURRENCY",
        "PLATFORM_FEE_BPS",
        "GROQ_API_URL",
        "RATE_LIMITS_ENABLED",
        "LOGIN_LIMIT_PER_ACCOUNT",
    ):
        assert getattr(found, name) == Settings.model_fields[name].default


def test_compose_waits_for_the_release_step() -> None:
    for name, each in ours().items():
        release = each["depends_on"].get("release", {})
        waits = release.get("condition") == "service_completed_successfully"
        assert waits == (name not in ("release", "backup"))
        assert (each["read_only"], each["cap_drop"]) == (True, ["ALL"])
    assert {name for name, each in ours().items() if each.get("command") == "flask db upgrade"} == {"release"}


def test_images_have_plain_names_and_no_secret_has_a_default() -> None:
    text, dockerfile = (ROOT / "compose.yaml").read_text(), (ROOT / "Dockerfile").read_text()
    images = re.findall(r"image: (\S+)", text) + re.findall(r"^ARG (?:PYTHON|NODE)=(\S+)", dockerfile, re.M)
    assert not [image for image in images if re.search(r"[.:]", image.partition("/")[0]) and "/" in image]
    assert set(re.findall(r"\$\{\w*(?:KEY|PASSWORD|SECRET|TOKEN)\w*(.*?)\}", text)) == {":-"}


def test_the_image_has_what_it_copies_and_runs_as_nobody_in_particular() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = {
        source
        for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.M)
        for source in sources.split()
    }
    assert {source for source in copied if not (ROOT / source).exists()} == set()
    assert {source.partition("/")[0] for source in copied} == {line[1:] for line in ignored if line[0] == "!"}
    last_stage = dockerfile.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.+)$", last_stage, re.M) == ["10001"]
    assert "/healthz" in last_stage.partition("HEALTHCHECK")[2]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_is_hardened_and_starts_what_there_is(path: Path) -> None:
    service = dict(unit(path)["Service"])
    assert HARDENED.items() <= service.items()
    program, *arguments = service["ExecStart"].removeprefix("/srv/murph/.venv/bin/").split()
    assert (program, arguments[:1]) in [
        ("gunicorn", []),
        ("flask", ["worker"]),
        ("flask", ["clock"]),
        ("flask", ["db"]),
    ]


def test_the_command_on_a_host_has_settings_user_and_state_of_its_units() -> None:
    script = (ROOT / "deploy" / "systemd" / "murph").read_text()
    service = dict(unit(ROOT / "deploy" / "systemd" / "murph-web.service")["Service"])
    assert f"cd {service['WorkingDirectory']}\n" in script
    assert f"--user {service['User']} " in script
    assert f"\t{service['Environment']} " in script
    assert service["EnvironmentFile"] in script


def test_no_example_of_settings_has_a_comment_behind_a_value() -> None:
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), ROOT / ".env.example"]
    for document in documents:
        # systemd would take it for a part of the value.
        assert re.findall(r"^[A-Z][A-Z_]+=\S*[ \t]+#.*", document.read_text(), re.M) == [], document


def test_alerts_fire_for_what_never_began() -> None:
    groups = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())["groups"]
    alerts = {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}
    for name, series in (
        ("MurphHostAway", "up{"),
        ("MurphClockStopped", "murph_jobs_total{"),
        ("MurphBackupOld", "murph_backup_age"),
    ):
        assert f"or absent({series}" in alerts[name]


@pytest.mark.torture
@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with Prometheus")
def test_alerts_fire_when_they_should_and_otherwise_not() -> None:
    rules = ROOT / "tests" / "deploy" / "alerts_test.yaml"
    subprocess.run(["promtool", "test", "rules", rules], check=True, timeout=60)
