"""Where something about a person is held: every table that names people is here or left out for a reason."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Table, inspect, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from murph.auth.models import TokenFamily, User
from murph.core.audit import AuditEntry
from murph.core.db import Base
from murph.course.models import Course, Video
from murph.delivery.models import Allowance, DeliveredWindow
from murph.discovery.models import ChatTurn, Conversation, TokenUse
from murph.media.models import Asset
from murph.review.models import Review, ReviewReport, ReviewVersion, WatchTrace
from murph.session.models import Preview, SessionMeter, WatchSession, WatchSlice
from murph.teacher.models import Learner, Viewer
from murph.wallet.models import Bonus, Hold, Payout, Refund, TopUp

Whose = Callable[[UUID], ColumnElement[bool]]


@dataclass(frozen=True)
class Section:
    """Rows of one table that are about a person, under a name; with `only` some columns of them."""

    name: str
    model: type[Base]
    whose: Whose
    without: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()

    @property
    def table(self) -> Table:
        """The table itself."""
        table = self.model.__table__
        assert isinstance(table, Table)
        return table


def _is(column: InstrumentedAttribute[UUID]) -> Whose:
    return lambda user_id: column == user_id


def _of(child: InstrumentedAttribute[UUID], parent: type[Base], owner: InstrumentedAttribute[UUID]) -> Whose:
    (key,) = inspect(parent).primary_key
    return lambda user_id: child.in_(select(key).where(owner == user_id))


def _deeds(user_id: UUID) -> ColumnElement[bool]:
    return or_(AuditEntry.actor_id == user_id, AuditEntry.object_id == str(user_id))


SECTIONS = (
    Section("account", User, _is(User.id), without=frozenset({"password_hash"})),
    Section("sign_ins", TokenFamily, _is(TokenFamily.user_id)),
    Section("sessions", WatchSession, _is(WatchSession.student_id)),
    Section("meters", SessionMeter, _of(SessionMeter.session_id, WatchSession, WatchSession.student_id)),
    Section("watched", WatchSlice, _of(WatchSlice.session_id, WatchSession, WatchSession.student_id)),
    Section("previews", Preview, _is(Preview.student_id)),
    Section("allowances", Allowance, _is(Allowance.student_id)),
    Section("delivered", DeliveredWindow, _is(DeliveredWindow.student_id)),
    Section("courses_watched", Learner, _is(Learner.student_id)),
    Section("videos_watched", Viewer, _is(Viewer.student_id)),
    Section("watching_compared", WatchTrace, _is(WatchTrace.student_id)),
    Section("holds", Hold, _is(Hold.user_id)),
    Section("top_ups", TopUp, _is(TopUp.user_id)),
    Section("payouts", Payout, _is(Payout.user_id)),
    Section("refunds", Refund, _of(Refund.hold_id, Hold, Hold.user_id)),
    Section("bonuses", Bonus, _is(Bonus.teacher_id)),
    Section("reviews", Review, _is(Review.student_id)),
    Section("review_versions", ReviewVersion, _of(ReviewVersion.review_id, Review, Review.student_id)),
    Section("reports", ReviewReport, _is(ReviewReport.reporter_id)),
    Section("replies", Review, _is(Review.teacher_id), only=frozenset({"id", "reply", "replied_at"})),
    Section("conversations", Conversation, _is(Conversation.user_id)),
    Section("chat_turns", ChatTurn, _of(ChatTurn.conversation_id, Conversation, Conversation.user_id)),
    Section("tokens_of_models", TokenUse, _is(TokenUse.user_id)),
    Section("courses", Course, _is(Course.teacher_id)),
    Section("videos", Video, _of(Video.course_id, Course, Course.teacher_id)),
    Section("uploads", Asset, _is(Asset.owner_id), without=frozenset({"sealed_key"})),
    Section("deeds", AuditEntry, _deeds),
)

LEFT_OUT = {
    "journal_txn": "told as movements, without whoever decided",
    "idempotency": "answers already given, for a day",
    "bonus_grant": "told as bonuses; which review earned one is told to nobody",
    "review_due": "waits seconds to be worked off",
    "desk_due": "waits seconds to be worked off",
    "earning_fold": "sums of what is told as movements",
    "earning_day": "sums of what is told as movements",
    "paying_learner": "sums of what is told as sessions",
    "paying_day": "sums of what is told as sessions",
}
"""Tables that name people and are not exported, and why."""
