"""The verbs of the teacher's desk. Amounts are in minor units, days are those of UTC."""

from murph.teacher.service.earnings import GROUPINGS, Figures, Line, entries, series, total
from murph.teacher.service.fold import fold, fold_all
from murph.teacher.service.watching import make_due, note_change, recompute, refresh_due

__all__ = [
    "GROUPINGS",
    "Figures",
    "Line",
    "entries",
    "fold",
    "fold_all",
    "make_due",
    "note_change",
    "recompute",
    "refresh_due",
    "series",
    "total",
]
