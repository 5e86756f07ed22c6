from collections.abc import Iterator

import pytest

from tests.support.ai import Simulators, running_simulators


@pytest.fixture(scope="session")
def _simulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulators]:
    with running_simulators(tmp_path_factory.mktemp("ai")) as simulators:
        yield simulators


@pytest.fixture
def simulators(_simulators: Simulators) -> Simulators:
    """The vendors, all as they should be."""
    _simulators.heal()
    return _simulators
