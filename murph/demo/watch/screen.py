"""What the demo shows: its steps, the running meter as a panel or as lines, and the receipt."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from murph.demo.watch.api import Document
from murph.demo.watch.player import Standing

WIDTH = 78
_COLOURS = {"playing": "bold green", "paused": "bold yellow", "disconnected": "bold red"}


@dataclass(frozen=True)
class Terms:
    """What stays the same while the meter runs."""

    title: str
    price: str
    currency: str
    balance: str


class Screen:
    """A terminal, or with `plain` a file or pipe that gets one line at a time."""

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain or not sys.stdout.isatty()
        self._console = Console(highlight=False, markup=False, soft_wrap=self._plain)
        self._last_line = ""

    def step(self, text: str) -> None:
        """Say what has just been done."""
        self._console.print(text)

    def heading(self, text: str) -> None:
        """Say what comes now."""
        self._console.print(Text(f"\n{text}", style="bold"))

    def finding(self, text: str, *, agrees: bool) -> None:
        """Say what was compared and whether it agreed."""
        mark = Text("  ok    ", "green") if agrees else Text("  WRONG ", "bold red")
        self._console.print(mark.append(text, "default"))

    @contextmanager
    def meter(self, terms: Terms) -> Iterator[Callable[[Standing], None]]:
        """Show the running meter; what is yielded takes its new standing."""
        if self._plain:
            yield lambda standing: self._print_news(_line(terms, standing))
            return
        with Live(console=self._console, refresh_per_second=8) as live:
            yield lambda standing: live.update(_panel(terms, standing))

    def _print_news(self, line: str) -> None:
        if line != self._last_line:
            self._last_line = line
            self._console.print(line)

    def receipt(self, receipt: Document) -> None:
        """Print a receipt with its formula worked out."""
        table = Table(title="Receipt", title_justify="left", box=box.ROUNDED, show_header=False)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in _receipt_rows(receipt):
            table.add_row(name, value)
        self._console.print()
        self._console.print(table)


def _panel(terms: Terms, standing: Standing) -> Panel:
    grid = Table.grid(padding=(0, 2), expand=True)
    for _ in range(2):
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(style="bold", no_wrap=True, ratio=1)
    state = Text(standing.state, _COLOURS.get(standing.state, "bold"))
    grid.add_row("state", state, "connection", f"no. {standing.epoch}, last ack {standing.ack_ms} ms")
    grid.add_row("watched", f"{standing.used_seconds} s", "cost", f"{standing.cost} {terms.currency}")
    grid.add_row("left", f"{standing.seconds_left} s", "locked", f"{standing.locked} {terms.currency}")
    grid.add_row("price", f"{terms.price} a minute", "balance", f"{terms.balance} {terms.currency}")
    return Panel(grid, title=terms.title, title_align="left", width=WIDTH, border_style="cyan")


def _line(terms: Terms, standing: Standing) -> str:
    return (
        f"  {standing.state:<12} {standing.used_seconds:>4} s {standing.cost:>8} {terms.currency}"
        f"   {standing.seconds_left:>5} s left   connection {standing.epoch}"
    )


def _receipt_rows(receipt: Document) -> Iterator[tuple[str, str]]:
    currency, used = receipt["currency"], receipt["used_seconds"]
    price, cost = receipt["price_per_minute"], receipt["cost"]
    yield "course", f"{receipt['course_title']} ({receipt['teacher_name']})"
    yield "session", receipt["session_id"]
    yield "status", f"{receipt['status']}, ended by {receipt['end_reason']}"
    yield "used", f"{used} s at {price} {currency} a minute"
    yield "cost", f"{used} s x {price} / 60 = {cost} {currency}, rounded down"
    yield "locked", f"{receipt['locked_amount']} {currency}"
    yield "given back", f"{receipt['refunded']} {currency}"
    yield "journal", "\n".join(receipt["journal_ids"])
    yield "settled", receipt["settled_at"]
