"""Tables as CSV that a spreadsheet shows and never runs."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_STARTS_OF_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the header and the rows line by line; before what would be a formula stands an apostrophe."""
    for row in chain([columns], rows):
        line = io.StringIO()
        csv.writer(line).writerow([_shown(cell) for cell in row])
        yield line.getvalue()


def _shown(cell: str) -> str:
    is_harmless = not cell.startswith(_STARTS_OF_FORMULAS) or _NUMBER.fullmatch(cell)
    return cell if is_harmless else f"'{cell}"
