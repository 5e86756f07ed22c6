from pathlib import Path

import pytest

from tests.support.clips import Clips
from tests.support.tools import require_tool


@pytest.fixture(scope="session")
def _clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    return Clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture
def clips(_clips: Clips) -> Clips:
    require_tool("ffmpeg")
    return _clips


@pytest.fixture(scope="session")
def bunny() -> Path:
    """A real film: 5.3 s of H.264 in 1280 x 720 with surround sound."""
    return Path(__file__).parent / "data" / "bigbuckbunny.mp4"
