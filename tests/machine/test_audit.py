"""The audit of what is pinned fails on findings, and says so where it could not ask."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.support import audit
from tests.support.processes import ROOT

PINS = "flask==3.1.0 \\\n    --hash=sha256:0\nold-thing==1.0 ; python_version < '3.13' \\\n# via flask==9\n"


class Source(BaseHTTPRequestHandler):
    """Knows something bad of one package."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        bad = {"vulns": [{"id": "PYSEC-1"}]}
        results: list[Any] = [bad if each["package"]["name"] == "old-thing" else {} for each in asked]
        body = json.dumps({"results": results}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_findings_fail_and_silence_does_not_pass_for_health(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pins.txt").write_text(PINS)
    (tmp_path / "good.txt").write_text("flask==3.1.0\n")
    with HTTPServer(("127.0.0.1", 0), Source) as server:
        source = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        codes = [audit.main([str(tmp_path / name)], source=source) for name in ("pins.txt", "good.txt")]
        server.shutdown()
        thread.join()
    assert codes == [1, 0]
    assert "VULNERABLE: old-thing 1.0: https://osv.dev/PYSEC-1\n2 pinned" in capsys.readouterr().out
    assert audit.main([str(tmp_path / "pins.txt")], source=source) == 0
    assert capsys.readouterr().out.startswith("NOT AUDITED: ")


def test_every_pin_of_ours_is_asked_about() -> None:
    found = dict(audit.pinned([ROOT / "requirements-dev.txt"]))
    assert {"flask", "gunicorn", "pymysql", "pytest"} <= found.keys()
    assert len(found) > 100
