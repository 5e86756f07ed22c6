"""The clocks of a whole house, which a test may set wrong or let run ahead."""

from contextlib import suppress
from pathlib import Path

from tests.support.house import House
from tests.support.processes import wait_until

_STEPPED = Path(__file__).parent / "stepped"


class Clocks:
    """What all processes of one house take for the time."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clocks"
        self._wrong_s = self._passed_s = 0
        self._write()

    @property
    def settings(self) -> dict[str, str]:
        """The environment of processes that follow these clocks."""
        return {"PYTHONPATH": str(_STEPPED), "MURPH_TEST_CLOCKS": str(self._file)}

    def set_wrong_by(self, seconds: int, house: House) -> None:
        """Step every wall clock of the house, as somebody who corrects or spoils it does."""
        self._wrong_s = seconds
        self._write()
        self._wait_for(house)

    def let_pass(self, seconds: int, house: House) -> None:
        """Let so much time pass at once, on the wall and on the monotonic clock of Murph."""
        self._passed_s += seconds
        self._write()
        self._wait_for(house)

    def _write(self) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{self._wrong_s} {self._passed_s}")
        fresh.replace(self._file)

    def _wait_for(self, house: House) -> None:
        wait_until(lambda: all(map(self._has_taken, house.processes)), what="every process's new time")

    def _has_taken(self, pid: int) -> bool:
        with suppress(FileNotFoundError):
            return Path(f"{self._file}.{pid}").read_text() == self._file.read_text()
        return not Path(f"/proc/{pid}").exists()
