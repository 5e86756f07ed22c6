from collections.abc import Iterator

import pytest

from tests.support.simulator import Simulator, running_simulator


@pytest.fixture(scope="session")
def observed_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with running_simulator(tmp_path_factory.mktemp("observed")) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def documented_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder = tmp_path_factory.mktemp("documented")
    with running_simulator(folder, "--profile=documented", "--webhook-url=") as simulator:
        yield simulator
