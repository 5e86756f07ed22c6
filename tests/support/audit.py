"""Asks OSV.dev whether anything that is known of the pinned packages is a vulnerability.

``python -m tests.support.audit requirements.txt ...`` ends with 1 where something is, and with 0 and one line
that says so where nobody could be asked.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import httpx

SOURCE = "https://api.osv.dev/v1/querybatch"
TIMEOUT_S = 5.0
AT_ONCE = 500
ACCEPTED: dict[str, str] = {}
"""Ids of what does not concern us, and why not."""

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[.*?\])?==([^\s;\\]+)", re.MULTILINE)


def pinned(files: Iterable[Path]) -> list[tuple[str, str]]:
    """Return name and version of every package that the files pin."""
    return sorted({pin for file in files for pin in _PIN.findall(file.read_text())})


def findings(packages: list[tuple[str, str]], *, source: str = SOURCE) -> Iterator[str]:
    """Yield a line for each vulnerability of these packages.

    Raises:
        httpx.HTTPError: the source cannot be asked.
    """
    for start in range(0, len(packages), AT_ONCE):
        some = packages[start : start + AT_ONCE]
        queries = [
            {"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in some
        ]
        answer = httpx.post(source, json={"queries": queries}, timeout=TIMEOUT_S).raise_for_status()
        for (name, version), result in zip(some, answer.json()["results"], strict=True):
            for found in result.get("vulns", ()):
                if found["id"] not in ACCEPTED:
                    yield f"{name} {version}: https://osv.dev/{found['id']}"


def main(files: list[str], *, source: str = SOURCE) -> int:
    """Say what is known of the packages that these files pin, and return what to exit with."""
    packages = pinned(map(Path, files))
    try:
        found = list(findings(packages, source=source))
    except httpx.HTTPError as error:
        sys.stdout.write(f"NOT AUDITED: {source} cannot be asked ({type(error).__name__}).\n")
        return 0
    for line in found:
        sys.stdout.write(f"VULNERABLE: {line}\n")
    sys.stdout.write(f"{len(packages)} pinned packages audited, {len(found)} findings.\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
