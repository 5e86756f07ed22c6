"""What the teacher's desk looks like on the wire, one file for each idea."""

from murph.teacher.schemas.audience import FunnelOut, OwnCoursesOut, RetentionOut
from murph.teacher.schemas.dashboard import DashboardOut, DashboardQuery
from murph.teacher.schemas.earnings import EarningsOut, EarningsQuery, EntryOut, PeriodQuery
from murph.teacher.schemas.opinions import DeskReviewsOut, DeskReviewsQuery, ProfileOut

__all__ = [
    "DashboardOut",
    "DashboardQuery",
    "DeskReviewsOut",
    "DeskReviewsQuery",
    "EarningsOut",
    "EarningsQuery",
    "EntryOut",
    "FunnelOut",
    "OwnCoursesOut",
    "PeriodQuery",
    "ProfileOut",
    "RetentionOut",
]
