"""Bars with their spread as SVG, without a library: a panel for each question, all on one sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from statistics import median

WIDTH, LABELS, NUMBERS = 780, 260, 110
TITLE, ROW, GAP = 34, 24, 18
_STYLE = (
    "text{font:13px sans-serif;fill:#222}.title{font-weight:bold}.bar{fill:#4878a8}"
    ".spread{stroke:#222;stroke-width:1.5}.goal{stroke:#c03028;stroke-width:1.5;stroke-dasharray:4 3}"
)


@dataclass(frozen=True)
class Panel:
    """Bars that are compared with each other, and where there is one, the goal they are held against."""

    title: str
    bars: Sequence[tuple[str, Sequence[float]]]
    goal: float | None = None
    form: str = ".0f"

    @property
    def height(self) -> int:
        """Return how much of the sheet it takes."""
        return TITLE + ROW * len(self.bars) + GAP

    def draw(self, top: int) -> list[str]:
        """Return its shapes, beginning at `top`."""
        highest = max(*(max(values) for _, values in self.bars), self.goal or 0, 1e-9)
        scale = (WIDTH - LABELS - NUMBERS) / highest
        title = escape(self.title if self.goal is None else f"{self.title} (dashed: the goal)")
        shapes = [f'<text class="title" x="8" y="{top + 20}">{title}</text>']
        for number, (name, values) in enumerate(self.bars):
            shapes += self._bar(name, values, top + TITLE + number * ROW, scale)
        if self.goal is not None:
            x, end = LABELS + self.goal * scale, top + self.height - GAP
            shapes.append(_line("goal", x, top + TITLE - 4, x, end))
        return shapes

    def _bar(self, name: str, values: Sequence[float], y: int, scale: float) -> list[str]:
        low, middle, high = (LABELS + value * scale for value in (min(values), median(values), max(values)))
        label = f'<text x="{LABELS - 8}" y="{y + 14}" text-anchor="end">{escape(name)}</text>'
        bar = f'<rect class="bar" x="{LABELS}" y="{y + 3}" width="{middle - LABELS:.1f}" height="{ROW - 9}"/>'
        number = f'<text x="{high + 8:.1f}" y="{y + 14}">{median(values):{self.form}}</text>'
        return [label, bar, _line("spread", low, y + ROW / 2 - 2, high, y + ROW / 2 - 2), number]


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def draw(panels: Sequence[Panel]) -> str:
    """Return a sheet with those of the panels that have something to show, one below the other."""
    shapes, top = [f"<style>{_STYLE}</style>"], 0
    for panel in panels:
        if panel.bars:
            shapes += panel.draw(top)
            top += panel.height
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" style="background:#fff">'
    return "\n".join([head, *shapes, "</svg>"]) + "\n"
