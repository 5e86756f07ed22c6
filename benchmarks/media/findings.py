"""What the figures of media mean: its goals, and the parts of its report."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.plot import Panel, draw
from benchmarks.report import Column, Goal, Report, Runs, spread, table

HOUSES = ("MariaDB, gevent", "SQLite, threads")
FILMS = ("copied", "coded")

_SEGMENTS: Sequence[Column] = (
    ("per_s", "segments/s", ".0f"),
    ("mb_per_s", "MB/s", ".0f"),
    ("server_us", "server us each", ".0f"),
    ("median_ms", "median ms", ".1f"),
    ("worst_ms", "worst ms", ".0f"),
    ("client_cpu", "client's processor", ".2f"),
)
_KEYS: Sequence[Column] = (
    ("per_s", "keys/s", ".0f"),
    ("statements", "SQL statements", ".1f"),
    ("server_us", "server us each", ".0f"),
    ("database_us", "database us each", ".0f"),
    ("median_ms", "median ms", ".1f"),
    ("worst_ms", "worst ms", ".0f"),
)
_FRAMES: Sequence[Column] = (
    ("fetched_ms", "segment there, ms", ".1f"),
    ("frame_ms", "first frame, ms", ".0f"),
)
_UPLOADS: Sequence[Column] = (
    ("mb_per_s", "MB/s", ".0f"),
    ("above_idle_mb", "MB above idle", ".1f"),
    ("answered_after_s", "s until the answer", ".2f"),
)
_ACKS: Sequence[Column] = (
    ("slowest_ack_ms", "slowest ack meanwhile, ms", ".0f"),
    ("quiet_ack_ms", "slowest before, ms", ".0f"),
)
_STEPS = (
    ("fetch", "fetch the upload"),
    ("probe", "probe"),
    ("cut", "cut"),
    ("pictures", "poster and sprite"),
    ("store", "encrypt, store and the rest"),
    ("publish", "publish"),
    ("seconds", "all of it"),
    ("cpu_s", "processor time of all of it"),
)


def report(machine: Mapping[str, str], settings: Mapping[str, Any], runs: Runs) -> Report:
    """Put together what was measured."""
    return Report(
        name="media",
        title="Media: delivery, uploads, packaging",
        machine=machine,
        settings=settings,
        runs=runs,
        goals=[goal for goal in _goals(runs) if goal.values],
        sections=[*_delivering(runs), *_uploading(runs), *_packaging(runs)],
        plot=draw(list(_panels(runs))),
    )


def _goals(runs: Runs) -> Iterable[Goal]:
    for house in HOUSES:
        grown_mb = runs.each(f"{house}: upload", "above_idle_mb")
        name = f"{house}: MB above idle during an upload"
        yield Goal(name, grown_mb, at_most=64, every=True, form=".1f")
    for film in FILMS:
        shares = runs.ratios(f"{film}: packaging", f"{film}: ffmpeg alone", "seconds")
        yield Goal(f"{film}: packaging / ffmpeg alone", shares, at_most=1.15)


def _panels(runs: Runs) -> Iterable[Panel]:
    for title, kinds, key in (
        ("Segments per second, one process", ("Murph", "bare", "nginx"), "per_s"),
        ("Keys per second, one process", ("key first", "key again"), "per_s"),
        ("Milliseconds until the first frame", ("gated", "plain"), "frame_ms"),
        ("MB/s of an upload", ("upload", "bare upload"), "mb_per_s"),
    ):
        yield Panel(title, runs.bars(_figures(kinds), key))
    bars = runs.bars(
        [f"{film}: {what}" for film in FILMS for what in ("packaging", "ffmpeg alone")], "seconds"
    )
    yield Panel("Seconds of packaging", bars, form=".2f")


def _figures(kinds: Sequence[str]) -> list[str]:
    return [f"{house}: {kind}" for house in HOUSES for kind in kinds]


def _delivering(runs: Runs) -> Iterable[str]:
    yield from _section(
        runs,
        "Segments",
        "Eight connections, each of which asks for the next encrypted segment when it has the last one. "
        "`bare` is a WSGI application of ten lines that gives gunicorn the file, served by the same worker.",
        _figures(("Murph", "bare", "nginx")),
        _SEGMENTS,
        [("Murph", "bare", "per_s"), ("Murph", "nginx", "per_s")],
    )
    yield from _section(
        runs,
        "Keys",
        "`first` is a window that its student never had, which is decided and recorded; `again` the same "
        "once more.",
        _figures(("key first", "key again")),
        _KEYS,
        [],
    )
    yield from _section(
        runs,
        "First frame",
        "`gated` asks for the playback address, the playlist, the first key and the first segment on one "
        "new connection, decrypts it and has ffmpeg decode a picture; `plain` fetches what was encrypted.",
        _figures(("gated", "plain")),
        _FRAMES,
        [("gated", "plain", "frame_ms")],
    )


def _uploading(runs: Runs) -> Iterable[str]:
    yield from _section(
        runs,
        "Uploads",
        "The same random bytes as a form to Murph, which hashes and stores them, and as they are to a bare "
        "WSGI application that writes them to one file; both wait for the disk. Each at a fresh server.",
        _figures(("upload", "bare upload")),
        _UPLOADS,
        [("upload", "bare upload", "mb_per_s")],
    )
    figures = [figure for figure in _figures(("upload",)) if figure in runs.by_figure]
    if figures:
        yield "A player on the same process sends its ticks, three a second."
        yield runs.table(figures, _ACKS)


def _section(
    runs: Runs,
    title: str,
    words: str,
    figures: Sequence[str],
    columns: Sequence[Column],
    ratios: Sequence[tuple[str, str, str]],
) -> Iterable[str]:
    if not any(figure in runs.by_figure for figure in figures):
        return
    yield f"## {title}"
    yield words
    yield runs.table(figures, columns)
    rows = [
        (f"{house}: {above} / {below}", spread(found, ".2f"))
        for house in HOUSES
        for above, below, key in ratios
        if (found := runs.ratios(f"{house}: {above}", f"{house}: {below}", key))
    ]
    if rows:
        yield table(("ratio", "found"), rows)


def _packaging(runs: Runs) -> Iterable[str]:
    films = [film for film in FILMS if f"{film}: packaging" in runs.by_figure]
    if not films:
        return
    yield "## Packaging"
    yield (
        "Seconds of `Workshop.make_next` by step, and of the two runs of ffmpeg in it with the same words on "
        "the same file and nothing around them: one cuts, the other draws poster and sprite."
    )
    rows = []
    for step, title in _STEPS:
        made = [spread(runs.each(f"{film}: packaging", step), ".3f") for film in films]
        rows.append((title, *made))
    for step in ("cut", "pictures", "seconds", "cpu_s"):
        alone = [spread(runs.each(f"{film}: ffmpeg alone", step), ".3f") for film in films]
        rows.append((f"ffmpeg alone: {dict(_STEPS)[step]}", *alone))
    yield table(("step", *films), rows)
    rows = []
    for film in films:
        pair = f"{film}: packaging", f"{film}: ffmpeg alone"
        rows.append((f"{film}: processor time / that of ffmpeg", spread(runs.ratios(*pair, "cpu_s"), ".2f")))
        rows.append((f"{film}: packaging / ffmpeg that only cuts", spread(_over_cut(runs, film), ".2f")))
    yield table(("ratio", "found"), rows)


def _over_cut(runs: Runs, film: str) -> list[float]:
    pairs = zip(
        runs.each(f"{film}: packaging", "seconds"), runs.each(f"{film}: ffmpeg alone", "cut"), strict=True
    )
    return [whole / cut for whole, cut in pairs]
