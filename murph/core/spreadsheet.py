"""Tables as CSV that a spreadsheet shows and never runs."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_SIGNS_OF_FORMULAS = tuple("=+-@|")
_UNSEEN = ("Cc", "Cf", "Zs", "Zl", "Zp")
"""Unicode's categories of what spreadsheets skip at the start of a cell: white space, zero widths."""


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the header and the rows line by line; before what would be a formula stands an apostrophe."""
    for row in chain([columns], rows):
        line = io.StringIO()
        csv.writer(line).writerow([_shown(cell) for cell in row])
        yield line.getvalue()


def _shown(cell: str) -> str:
    return f"'{cell}" if _could_run(cell) and not _NUMBER.fullmatch(cell) else cell


def _could_run(cell: str) -> bool:
    """Tell whether a cell starts like a formula, to the eye of any spreadsheet.

    Some drop a leading tab or line break when they split a cell; some read fullwidth signs as plain ones.
    """
    first = next((sign for sign in cell if unicodedata.category(sign) not in _UNSEEN), "")
    plain = unicodedata.normalize("NFKC", first)
    return cell.startswith(("\t", "\r")) or plain.startswith(_SIGNS_OF_FORMULAS)
