"""Programs that some tests need and not every machine has."""

import os
import shutil
from typing import NoReturn

import pytest

NOT_INSTALLED = "is not installed"
"""What `.ci/run` looks for among the reasons why tests were skipped."""


def require_tool(name: str) -> str:
    """Return where a program is; without it the test is skipped, or fails where it is said to be there.

    ``MURPH_REQUIRE_FFMPEG=1`` says so of ffmpeg, and likewise for others.
    """
    return shutil.which(name) or absent(name, install=f"apt-get install -y {name}")


def absent(name: str, *, install: str) -> NoReturn:
    """Skip the test, or fail it, for want of `name`; `install` is the command that brings it."""
    required = f"MURPH_REQUIRE_{name.upper()}"
    if os.environ.get(required) == "1":
        pytest.fail(
            f"{name} {NOT_INSTALLED}, and {required}=1 says that it has to be: {install}", pytrace=False
        )
    pytest.skip(f"{name} {NOT_INSTALLED}: {install}")
