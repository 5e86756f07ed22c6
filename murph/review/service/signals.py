"""Look for signs of fraud in reviews, and keep what was found with what it leaves of their weight."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from uuid import UUID

from murph.core.db import db, release_connection, transactional
from murph.core.queue import is_stopping, run_each
from murph.course import service as course
from murph.metering.cost import PRAISE
from murph.review import fraud
from murph.review.fraud import Comment, Finding, Point, Trace
from murph.review.models import Review, ReviewSignal, WatchTrace
from murph.review.queries import signals
from murph.review.queries.signals import Pair, Spent, Written
from murph.review.rating import known as known_share
from murph.review.service.ratings import mark_due
from murph.session import queries as sessions

SIGN_INS_COUNT_FOR = timedelta(days=90)
RECENT = timedelta(days=40)
"""As old reviews have to be known to tell what is usual."""
PASSING = (fraud.ONE_TEACHER, fraud.SUSPENDED)
"""Signs that go again when they are no longer found, whenever it is looked for them."""
PASSING_IN_SCANS = (*PASSING, fraud.BURST, fraud.COPIED_TEXT)
TOGETHER = 100
"""So many reviews are changed in one transaction."""
SLICES = 24
"""A day's scan is done in so many parts, an hour each, so that no worker is kept from its other jobs."""

Found = Mapping[UUID, Sequence[Finding]]


@transactional
def look_at(review: Review, *, at: datetime) -> bool:
    """Look for what one review shows by itself: who wrote it, from where, with whose money.

    The caller has locked it. Return whether it weighs another than before.
    """
    _keep_trace(review.student_id, review.course_id, at=at)
    one = Written(**{field.name: getattr(review, field.name) for field in fields(Written)})
    found = _by_accounts([one], teacher_id=review.teacher_id, at=at)[review.id]
    is_changed = _keep(review, signals.standing([review.id])[review.id], found, passing=PASSING, at=at)
    if is_changed:
        mark_due(course_id=review.course_id, at=at)
    return is_changed


def scan_teacher(*, teacher_id: UUID, recent_only: bool = False, at: datetime) -> int:
    """Look for every sign in the reviews of a teacher's courses; return how many weigh another than before.

    With `recent_only` they are those of the last RECENT, and nothing that was found before passes.
    """
    since = at - RECENT if recent_only else None
    written = signals.written(teacher_id=teacher_id, since=since)
    found = _by_accounts(written, teacher_id=teacher_id, at=at)
    _add(found, _by_texts(written))
    _add(found, _by_watching(written))
    come_at = signals.first_words(teacher_id=teacher_id, since=since)
    _add(found, _by_times(written, found, come_at, at=at))
    passing = PASSING if recent_only else PASSING_IN_SCANS
    changed = _to_change(found, {each.id: each.rating for each in written}, passing=passing)
    release_connection()
    parts = [changed[begin : begin + TOGETHER] for begin in range(0, len(changed), TOGETHER)]
    return sum(run_each(parts, lambda ids: keep({i: found[i] for i in ids}, passing=passing, at=at)))


def scan_slice(*, at: datetime) -> None:
    """Scan those teachers whose turn it is in this hour of the day."""
    for teacher_id in signals.teachers():
        if teacher_id.int % SLICES == at.hour and not is_stopping():
            scan_teacher(teacher_id=teacher_id, at=at)


def scan_before_bonuses(*, within: timedelta, at: datetime) -> None:
    """Scan the teachers whose bonuses are to be decided on soon."""
    for teacher_id in signals.teachers_of_due_bonuses(at + within):
        scan_teacher(teacher_id=teacher_id, recent_only=True, at=at)


@transactional
def keep(found: Found, *, passing: Collection[str], at: datetime) -> int:
    """Keep what was found in several reviews, and forget what passed; return how many weigh another."""
    known = signals.standing(found)
    changed = [
        review
        for review in signals.locked_reviews(found)
        if _keep(review, known[review.id], found[review.id], passing=passing, at=at)
    ]
    for course_id in sorted({review.course_id for review in changed}):
        mark_due(course_id=course_id, at=at)
    return len(changed)


def _keep(
    review: Review,
    known: Sequence[ReviewSignal],
    found: Iterable[Finding],
    *,
    passing: Collection[str],
    at: datetime,
) -> bool:
    by_kind, kept = {signal.kind: signal for signal in known}, set()
    for finding in found:
        kept.add(finding.kind)
        signal = by_kind.get(finding.kind)
        if signal is None:
            by_kind[finding.kind] = _signal(review.id, finding, at=at)
            db.session.add(by_kind[finding.kind])
        elif signal.cleared_at is None:
            signal.multiplier, signal.reason = finding.multiplier, finding.reason
            signal.facts = dict(finding.facts)
    passing = _passing(passing, review.rating)
    for kind in [kind for kind in by_kind if kind in passing and kind not in kept]:
        if by_kind[kind].cleared_at is None:
            db.session.delete(by_kind.pop(kind))
    return weigh_signals(review, by_kind.values(), at=at)


def _passing(kinds: Collection[str], rating: int) -> Collection[str]:
    """Return which signs go again: besides these kinds, all of self-praise in a review that is none."""
    return kinds if rating >= PRAISE else {*kinds, *fraud.OF_PRAISE}


def weigh_signals(review: Review, known: Iterable[ReviewSignal], *, at: datetime) -> bool:
    """Make what is left of a locked review's weight of its signals; return whether that changed.

    Then it has to be decided anew on its bonus, and its course to be rated.
    """
    multiplier = fraud.left_of(signal.multiplier for signal in known if signal.cleared_at is None)
    if multiplier == review.multiplier:
        return False
    review.multiplier = multiplier
    review.bonus_due_at = review.bonus_due_at or at
    return True


def keep_flag(review: Review, *, at: datetime) -> None:
    """Have an administrator's flag of what the author said before hold in what they write now."""
    flag = signals.standing_flag(student_id=review.student_id, course_id=review.course_id)
    if flag is not None:
        kept = ReviewSignal(
            review_id=review.id,
            kind=flag.kind,
            multiplier=flag.multiplier,
            reason=flag.reason,
            facts=flag.facts,
            noted_at=flag.noted_at,
            noted_by=flag.noted_by,
        )
        db.session.add(kept)
        weigh_signals(review, [kept], at=at)


def _signal(review_id: UUID, finding: Finding, *, at: datetime) -> ReviewSignal:
    return ReviewSignal(
        review_id=review_id,
        kind=finding.kind,
        multiplier=finding.multiplier,
        reason=finding.reason,
        facts=dict(finding.facts),
        noted_at=at,
    )


def _to_change(found: Found, ratings: Mapping[UUID, int], *, passing: Collection[str]) -> list[UUID]:
    """Return the reviews of which something else is known than was found now."""
    return [
        review_id
        for review_id, known in signals.standing(found).items()
        if _differ(found[review_id], known, passing=_passing(passing, ratings[review_id]))
    ]


def _differ(found: Sequence[Finding], known: Sequence[ReviewSignal], *, passing: Collection[str]) -> bool:
    before = {signal.kind: signal for signal in known}
    for finding in found:
        signal = before.pop(finding.kind, None)
        if signal is None or (signal.cleared_at is None and signal.multiplier != finding.multiplier):
            return True
    return any(kind in passing and signal.cleared_at is None for kind, signal in before.items())


def _by_accounts(written: Sequence[Written], *, teacher_id: UUID, at: datetime) -> dict[UUID, list[Finding]]:
    student_ids = {each.student_id for each in written}
    accounts = signals.accounts(student_ids)
    spent = signals.spent(teacher_id, student_ids)
    reviewed = signals.courses_reviewed(teacher_id, student_ids)
    at_home = signals.at_home_of(teacher_id, student_ids, since=at - SIGN_INS_COUNT_FOR)
    same_wallet = signals.with_wallet_of(teacher_id, student_ids)
    return {
        each.id: [
            *fraud.of_age(joined_at=accounts[each.student_id].joined_at, written_at=each.created_at),
            *fraud.of_state(suspended=accounts[each.student_id].is_suspended),
            *_of_spending(spent.get(each.student_id, Spent()), reviewed.get(each.student_id, 0)),
            *_of_origin(each, at_home),
            *fraud.of_wallet(rating=each.rating, same=each.student_id in same_wallet),
        ]
        for each in written
    }


def _of_spending(spent: Spent, courses_reviewed: int) -> list[Finding]:
    return fraud.of_spending(
        with_teacher_minor=spent.with_teacher_minor,
        total_minor=spent.total_minor,
        courses_reviewed=courses_reviewed,
    )


def _of_origin(written: Written, at_home: Mapping[UUID, bool]) -> list[Finding]:
    student_id = written.student_id
    device = at_home.get(student_id, False)
    return fraud.of_origin(rating=written.rating, address=student_id in at_home, device=device)


def _by_texts(written: Sequence[Written]) -> dict[UUID, Finding]:
    """Compare the texts with each other, and their exact words with those of all other teachers' reviews."""
    found = fraud.copies(_comments(written))
    first = signals.first_with({each.text_hash for each in written if each.text_hash})
    for each in written:
        review_id, student_id = first.get(each.text_hash or "", (each.id, each.student_id))
        if student_id != each.student_id:
            found.setdefault(each.id, fraud.of_words(each.comment or "", said_in=review_id))
    return found


def _comments(written: Sequence[Written]) -> Iterator[Comment]:
    """Return what the reviews say, and what they said before they were edited, when that was written."""
    for each in written:
        yield Comment(each.id, each.student_id, each.updated_at, each.comment or "", each.version)
    students = {each.id: each.student_id for each in written if each.version > 1}
    for old in signals.versions(students):
        student_id = students[old.review_id]
        yield Comment(old.review_id, student_id, old.written_at, old.comment or "", old.version)


def _by_watching(written: Sequence[Written]) -> dict[UUID, Finding]:
    found: dict[UUID, Finding] = {}
    for course_id, reviews in _by_course(written).items():
        left = signals.traces([each.student_id for each in reviews], course_id=course_id)
        traces = [
            Trace(each.id, each.student_id, [Point(*point) for point in left.get(each.student_id, ())])
            for each in reviews
        ]
        found |= fraud.lookalikes(traces)
    return found


def _by_times(
    written: Sequence[Written], before: Found, come_at: Mapping[Pair, datetime], *, at: datetime
) -> dict[UUID, Finding]:
    """Look for bursts of what would weigh something: of what nothing was left by other signs, nothing is.

    An author comes with their first word on a course; with another one they come no later.
    """
    found: dict[UUID, Finding] = {}
    for course_id, reviews in _by_course(written).items():
        arrivals = (
            (come_at[each.student_id, course_id], each.id, _would_weigh(each, before[each.id]))
            for each in reviews
            if (each.student_id, course_id) in come_at
        )
        found |= fraud.bursts(arrivals, at=at)
    return found


def _would_weigh(written: Written, found: Sequence[Finding]) -> float:
    is_left = fraud.left_of(finding.multiplier for finding in found) > 0
    return known_share(written.credibility) if is_left else 0.0


def _add(found: Mapping[UUID, list[Finding]], more: Mapping[UUID, Finding]) -> None:
    for review_id, finding in more.items():
        found[review_id].append(finding)


def _by_course(written: Sequence[Written]) -> dict[UUID, list[Written]]:
    by_course: dict[UUID, list[Written]] = defaultdict(list)
    for each in written:
        by_course[each.course_id].append(each)
    return by_course


def _keep_trace(student_id: UUID, course_id: UUID, *, at: datetime) -> None:
    marks_ms = {
        str(video.video_id): [
            0,
            video.duration_ms,
            *(mark for lecture in video.lectures for mark in (lecture.start_ms, lecture.end_ms)),
        ]
        for video in course.get_timeline(course_id=course_id)
    }
    watched: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for begun_at, runs in sessions.dated_runs(signals.visits(student_id=student_id, course_id=course_id)):
        for video_id, stretches in runs.items():
            watched[video_id].extend((begin, end, _unix_ms(begun_at)) for begin, end in stretches)
    points = [list(point) for point in fraud.points(watched, marks_ms)]
    db.session.merge(WatchTrace(student_id=student_id, course_id=course_id, points=points, made_at=at))


def _unix_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
