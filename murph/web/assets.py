"""The files that pages load, under addresses that change when any of them does."""

from hashlib import sha256
from pathlib import Path

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
VENDOR = _HERE / "vendor"
PLAYER = "vendor/hls.light.min.mjs"
DIGEST_LENGTH = 16


class Assets:
    """The files as they were when the process began."""

    def __init__(self) -> None:
        paths = [path for folder in (STATIC, VENDOR) for path in sorted(folder.rglob("*")) if path.is_file()]
        self._paths = {_name(path): path for path in paths}
        together = sha256()
        for name, path in self._paths.items():
            together.update(name.encode() + b"\0" + sha256(path.read_bytes()).digest())
        self.digest = together.hexdigest()[:DIGEST_LENGTH]

    def path(self, name: str) -> Path | None:
        """Return the file of this name, or None; a name that leads elsewhere is nobody's."""
        return self._paths.get(name)

    def url(self, name: str) -> str:
        """Return the address of a file; those that it names by relative addresses share its digest."""
        return f"/static/{self.digest}/{name}"

    @property
    def has_player(self) -> bool:
        """Tell whether the player library was installed; without it browsers play by themselves."""
        return PLAYER in self._paths


def _name(path: Path) -> str:
    return path.relative_to(STATIC if path.is_relative_to(STATIC) else _HERE).as_posix()
