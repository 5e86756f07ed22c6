"""The verbs of the teacher's desk. Amounts are in minor units, days are those of UTC."""

from murph.teacher.service.audience import (
    STAGES,
    OwnCourse,
    Stage,
    Standing,
    VideoCurve,
    funnel,
    own_courses,
    require_own_course,
    standing,
    video_curve,
)
from murph.teacher.service.books import (
    Difference,
    mend_curve,
    rebuild_earnings,
    rebuild_watching,
    verify_curve,
    verify_earnings,
    verify_watching,
)
from murph.teacher.service.dashboard import PERIODS, Card, Dashboard, dashboard
from murph.teacher.service.due import SETTLES_DOWN, make_due, note_change
from murph.teacher.service.earnings import GROUPINGS, Figures, Line, entries, series, total
from murph.teacher.service.folding import fold, fold_all
from murph.teacher.service.watching import recompute, refresh_batches, refresh_due

__all__ = [
    "GROUPINGS",
    "PERIODS",
    "SETTLES_DOWN",
    "STAGES",
    "Card",
    "Dashboard",
    "Difference",
    "Figures",
    "Line",
    "OwnCourse",
    "Stage",
    "Standing",
    "VideoCurve",
    "dashboard",
    "entries",
    "fold",
    "fold_all",
    "funnel",
    "make_due",
    "mend_curve",
    "note_change",
    "own_courses",
    "rebuild_earnings",
    "rebuild_watching",
    "recompute",
    "refresh_batches",
    "refresh_due",
    "require_own_course",
    "series",
    "standing",
    "total",
    "verify_curve",
    "verify_earnings",
    "verify_watching",
    "video_curve",
]
