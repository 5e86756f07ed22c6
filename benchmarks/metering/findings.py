"""What the figures of metering mean: the goals they are held against, and the parts of the report."""

from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence

from benchmarks.metering import hosts, paced, profile
from benchmarks.metering.driving import INTERVAL_S, NO_LIMIT
from benchmarks.plot import Panel, draw
from benchmarks.report import Column, Goal, Report, Runs, spread, table

_SPEED: tuple[Column, ...] = (
    ("acks_per_s", "acks/s", ".0f"),
    ("p50_ms", "p50 ms", ".1f"),
    ("p99_ms", "p99 ms", ".1f"),
)
_COST: tuple[Column, ...] = (
    ("server_us_per_ack", "server us/ack", ".0f"),
    ("server_cpu", "server CPU", ".0%"),
    ("database_cpu", "database CPU", ".0%"),
    ("generator_cpu", "generator CPU", ".0%"),
)
_COMMITS: Column = ("commits_per_ack", "commits/ack", ".4f")
_PACED: tuple[Column, ...] = (
    ("players", "connected at the end", ".0f"),
    *_SPEED,
    ("max_ms", "slowest ms", ".0f"),
    ("lost_acks", "lost acks", ".0f"),
    _COMMITS,
    *_COST,
)
_MEMORY: tuple[Column, ...] = (
    ("kb_per_player", "KB per connected player", ".1f"),
    ("kb_playing", "KB once it plays", ".1f"),
    ("server_mb", "server MB", ".0f"),
    ("longest_interval_ms", "interval asked for, ms", ".0f"),
    ("handshakes_per_s", "handshakes/s", ".0f"),
)
_HOSTS: tuple[Column, ...] = (
    ("web_cpu_per_1000", "web CPU per 1 000", ".1%"),
    ("database_cpu_per_1000", "database CPU per 1 000", ".1%"),
    ("balancer_cpu_per_1000", "balancer CPU per 1 000", ".1%"),
    ("kb_per_player", "KB per connected player", ".1f"),
    ("balancer_mb", "balancer MB", ".0f"),
    ("lost_sockets", "lost sockets", ".0f"),
)
_STORM: tuple[Column, ...] = (
    ("all_ready_s", "all ready s", ".1f"),
    ("ready_p50_ms", "ready p50 ms", ".0f"),
    ("ready_p99_ms", "ready p99 ms", ".0f"),
    ("never_entered", "never ready", ".0f"),
    ("knocked_again", "knocked again", ".0f"),
    ("lost_seconds", "lost seconds", ".0f"),
    ("lost_sockets", "lost sockets", ".0f"),
    ("p99_ms", "ack p99 ms afterwards", ".0f"),
    ("storm_cpu", "generator CPU", ".0%"),
)
_KILL: tuple[Column, ...] = (
    ("acks_per_s", "acks/s until then", ".0f"),
    ("lost_seconds", "acked seconds lost", ".0f"),
    ("forgiven_ms", "forgiven at most, ms", ".0f"),
    ("charged_unplayed", "charged without play", ".0f"),
    ("resumed_elsewhere", "resumed elsewhere", ".0f"),
    ("charged_twice", "charged twice", ".0f"),
)
_JOURNAL: tuple[Column, ...] = (
    ("sessions", "sessions", ".0f"),
    ("fewest_meter_writes", "fewest writes of a meter", ".0f"),
    ("most_meter_writes", "most", ".0f"),
    ("fewest", "fewest journal transactions", ".0f"),
    ("most", "most", ".0f"),
)
_SATURATED = ("durable", "echo", "naive", "two workers")
_DATABASES = ("SQLite", "MariaDB")


def report(machine: Mapping[str, str], runs: Runs, options: Namespace) -> Report:
    """Put together what was measured."""
    return Report(
        name="metering",
        title="Metering under load",
        machine=machine,
        settings=_settings(options),
        runs=runs,
        goals=[goal for goal in _goals(runs, options) if goal.values],
        sections=list(_sections(runs, options)),
        plot=draw(list(_panels(runs, options))),
    )


def _settings(options: Namespace) -> dict[str, object]:
    return {
        "players at saturation": options.crowd,
        "seconds of a saturated run": options.seconds,
        "messages per second at saturation": NO_LIMIT,
        "paced players": options.players,
        "seconds of a paced run": options.paced_seconds,
        "tick interval of paced players": f"{INTERVAL_S:g} s",
        "players in a storm": options.storm,
        "players on SQLite": options.sqlite_players,
        "sessions to settle": options.sessions,
    }


def _goals(runs: Runs, options: Namespace) -> Iterable[Goal]:
    yield Goal("durable / echo, acks/s", runs.ratios("durable", "echo", "acks_per_s"), at_least=0.7)
    yield Goal("durable / naive, acks/s", runs.ratios("durable", "naive", "acks_per_s"), at_least=10)
    commits = runs.each("durable", "commits_per_ack")
    yield Goal("commits per acked tick at saturation", commits, at_most=0.05, form=".4f")
    most = paced.name(max(options.players))
    yield Goal(f"{most}: p99 ack, ms", runs.each(most, "p99_ms"), at_most=1000, form=".0f")
    for key, what in (("lost_acks", "lost acks"), ("lost_sockets", "lost sockets")):
        yield Goal(f"{most}: {what}", runs.each(most, key), at_most=0, every=True, form=".0f")
    yield Goal("KB per connected player", runs.each(most, "kb_per_player"), at_most=40, form=".1f")
    never = runs.each("storm", "never_entered")
    yield Goal("players refused for good in a storm", never, at_most=0, every=True, form=".0f")
    transactions = [*runs.each("journal", "fewest"), *runs.each("journal", "most")]
    both = "journal transactions per session"
    yield Goal(both, transactions, at_least=2, at_most=2, every=True, form=".0f")
    yield Goal("SQLite / MariaDB, acks/s", runs.ratios(*_DATABASES, "acks_per_s"), at_least=0.5)
    settled = runs.each("settlements", "settlements_per_s")
    yield Goal("settlements/s", settled, at_least=150, form=".0f")
    lost = runs.each("kill", "lost_seconds")
    yield Goal("acked seconds lost by kill -9 at load", lost, at_most=0, every=True, form=".0f")
    wrongs = [runs.each("kill", key) for key in ("charged_unplayed", "charged_twice", "resumed_elsewhere")]
    wrong = [sum(each) for each in zip(*wrongs, strict=True)]
    yield Goal("wrong totals after kill -9 at load", wrong, at_most=0, every=True, form=".0f")


def _sections(runs: Runs, options: Namespace) -> Iterable[str]:
    levels = [paced.name(players) for players in options.players]
    yield from _part(runs, "At saturation", _SATURATED, (*_SPEED, _COMMITS, *_COST))
    if ratios := runs.ratios("two workers", "durable", "acks_per_s"):
        yield f"A second worker makes {spread(ratios, '.2f')} times the acks of `durable`."
    yield from _profile(runs)
    yield from _part(runs, "SQLite against MariaDB, one process", _DATABASES, (*_SPEED, *_COST))
    yield from _part(runs, f"A tick every {INTERVAL_S:g} s", levels, _PACED, _MEMORY)
    shared = [hosts.name(players) for players in options.players]
    yield from _part(runs, "Two hosts behind a balancer", shared, _SPEED, _HOSTS)
    yield from _part(runs, "A storm: all connections lost at once", ("storm",), _STORM)
    yield from _part(runs, "Killed with -9 at load", ("kill",), _KILL)
    yield from _part(runs, "Ended and settled", ("journal",), _JOURNAL)


def _part(runs: Runs, title: str, figures: Sequence[str], *tables: Sequence[Column]) -> Iterable[str]:
    if any(figure in runs.by_figure for figure in figures):
        yield f"## {title}"
        yield from (runs.table(figures, columns) for columns in tables)


def _profile(runs: Runs) -> Iterable[str]:
    for phase in profile.PHASES:
        for kind in profile.KINDS:
            for found in runs.by_figure.get(f"{phase}: {kind}", ()):
                yield f"## {phase.capitalize()}, by {kind}"
                rows = [(name, f"{share:.0%}") for name, share in found.items()]
                yield table((kind, "share of the worker's processor time"), rows)


def _panels(runs: Runs, options: Namespace) -> Iterable[Panel]:
    yield Panel("Acks per second at saturation", runs.bars(_SATURATED, "acks_per_s"))
    yield Panel("Acks per second by database", runs.bars(_DATABASES, "acks_per_s"))
    levels = [paced.name(players) for players in options.players]
    for key in ("p50_ms", "p99_ms"):
        title = f"A tick every {INTERVAL_S:g} s: {key.removesuffix('_ms')} of the acks, ms"
        yield Panel(title, runs.bars(levels, key), goal=1000 if key == "p99_ms" else None)
    memory = runs.bars(levels, "kb_per_player")
    yield Panel("KB per connected player", memory, goal=40, form=".1f")
    storms = runs.bars(("storm",), "all_ready_s")
    yield Panel("Seconds until all are ready after a storm", storms, form=".1f")
    shares = next(iter(runs.by_figure.get("playing: parts", ())), {})
    parts = [(part, [share]) for part, share in shares.items()]
    yield Panel("What one worker's time goes to while they play", parts, form=".0%")
    yield Panel("Settlements per second", runs.bars(("settlements",), "settlements_per_s"), goal=150)
