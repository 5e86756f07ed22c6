"""Make what the desk knows of students and a course anew, from their sessions and slices.

Every settled session counts, free previews too, and a refund takes none of them out: what was seen was seen.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, update

from murph.core.db import db, transactional
from murph.core.queue import run_each
from murph.metering import retention
from murph.metering.retention import MIN_LEARNERS, Layers, Trace
from murph.teacher.models import CurveColumns, DeskDue, Learner, PublishedCurve, Retention, Viewer
from murph.teacher.queries import watching as queries
from murph.teacher.service import lengths
from murph.teacher.service.due import SETTLES_DOWN, make_due

BATCH = 200
LAYERS = ("seen_ms", "repeated_ms", "learners", "exits")

Key = tuple[UUID, UUID]
"""A student and a video."""


def refresh_due(*, at: datetime) -> int:
    """Make anew what is due, and return how many changes that were."""
    return sum(refresh_batches(at=at))


def refresh_batches(*, at: datetime) -> Iterator[int]:
    """Make anew what is due, and yield after each transaction how many changes that were.

    Several workers may do it at once: each takes rows that no other has locked.
    """
    until, stuck = at - SETTLES_DOWN, set[UUID]()
    while (course_id := queries.next_due_course(until, without=stuck)) is not None:
        newly = _refresh_some(course_id, until, at)
        if not newly:
            stuck.add(course_id)
        yield newly


def _refresh_some(course_id: UUID, until: datetime, at: datetime) -> int:
    ids = queries.due(course_id, until, limit=BATCH)
    together = run_each([ids], lambda some: refresh(course_id=course_id, due_ids=some, at=at))
    if not together:  # one of them fails, and must not hold up the others
        together = run_each(ids, lambda one: refresh(course_id=course_id, due_ids=[one], at=at))
    return sum(together)


@transactional
def refresh(*, course_id: UUID, due_ids: Collection[UUID], at: datetime) -> int:
    """Work off what is due of one course, and return how many of these nobody else was at."""
    due = queries.locked_due(due_ids)
    if due:
        recompute(course_id=course_id, student_ids=set(due.values()), at=at)
        db.session.execute(delete(DeskDue).where(DeskDue.id.in_(due)))
    return len(due)


@dataclass(frozen=True)
class Found:
    """What sessions and slices say of some students and a course."""

    learners: Mapping[UUID, Mapping[str, Any]]
    traces: Mapping[Key, Trace]


@transactional
def recompute(*, course_id: UUID, student_ids: Collection[UUID], at: datetime) -> None:
    """Make the traces of these students anew, and let the curves differ by what differs in them."""
    learners = queries.locked_learners(course_id, student_ids)
    lengths_ms = lengths.take(course_id, at=at)
    found = look(course_id, student_ids, lengths_ms)
    _store_figures(learners, found.learners)
    curves = _locked_curves(course_id, lengths_ms, at)
    known = {key: left for key, left in queries.traces(course_id, student_ids).items() if key[1] in curves}
    old, new = _by_video(known), _by_video(found.traces)
    for video_id, stored in curves.items():
        if old[video_id] != new[video_id]:
            _change_curve(stored, old[video_id].values(), new[video_id].values())
    _publish(curves)
    _store_traces(course_id, known, {key: [] for key in known} | dict(found.traces))


def _store_figures(learners: Mapping[UUID, Learner], found: Mapping[UUID, Mapping[str, Any]]) -> None:
    for student_id, learner in learners.items():
        if student_id not in found:  # has no settled session at all
            db.session.delete(learner)
        for name, value in found.get(student_id, {}).items():
            setattr(learner, name, value)


def look(course_id: UUID, student_ids: Collection[UUID], lengths_ms: Mapping[UUID, int]) -> Found:
    """Return what sessions and slices say of these students, over the videos of these lengths."""
    visits = queries.visits(course_id, student_ids)
    runs = queries.runs({visit.id.hex: visit.student_id for visit in visits})
    edges = {video_id: retention.edges_ms(length_ms) for video_id, length_ms in lengths_ms.items()}
    traces = {
        (student_id, video_id): left
        for student_id, of_student in runs.items()
        for video_id, stretches in of_student.items()
        if video_id in edges and (left := retention.trace(stretches, edges[video_id]))
    }
    by_student: dict[UUID, list[Any]] = defaultdict(list)
    for visit in visits:
        by_student[visit.student_id].append(visit)
    return Found({student_id: _figures(own) for student_id, own in by_student.items()}, traces)


def _by_video(traces: Mapping[Key, Trace]) -> dict[UUID, dict[UUID, Trace]]:
    found: dict[UUID, dict[UUID, Trace]] = defaultdict(dict)
    for (student_id, video_id), left in traces.items():
        found[video_id][student_id] = left
    return found


def _figures(visits: Collection[Any]) -> dict[str, Any]:
    watched = [visit for visit in visits if visit.used_ms >= 1000]
    return {
        "paid_sessions": sum(visit.status == "completed" and visit.cost_minor > 0 for visit in watched),
        "had_preview": any(visit.status == "cancelled" for visit in watched),
        "days": len({visit.started_at.date() for visit in watched}),
    }


def _empty(duration_ms: int) -> dict[str, Any]:
    layers = Layers.empty(len(retention.edges_ms(duration_ms)) - 1)
    return {name: getattr(layers, name) for name in LAYERS}


def _locked_curves(course_id: UUID, lengths_ms: Mapping[UUID, int], at: datetime) -> dict[UUID, Retention]:
    """Return the curves of a course's videos, begun anew where a video's length is another than before."""
    curves = queries.locked_retention(lengths_ms, _empty)
    for video_id, stored in curves.items():
        if stored.duration_ms != lengths_ms[video_id]:
            _begin_anew(course_id, stored, lengths_ms[video_id], at)
    return curves


def _begin_anew(course_id: UUID, stored: Retention, duration_ms: int, at: datetime) -> None:
    """Forget all traces of a video whose bins are others now, and have their learners counted anew."""
    make_due(
        course_id=course_id, student_ids=queries.students_of_video(stored.video_id), at=at - SETTLES_DOWN
    )
    db.session.execute(delete(Viewer).where(Viewer.video_id == stored.video_id))
    stored.duration_ms = duration_ms
    for name, values in _empty(duration_ms).items():
        setattr(stored, name, values)


def layers_of(stored: CurveColumns) -> Layers:
    """Return the layers of a stored curve, for whoever changes them."""
    return Layers(*(list(getattr(stored, name)) for name in LAYERS))


def store_layers(stored: CurveColumns, layers: Layers) -> None:
    """Write layers into a curve."""
    for name in LAYERS:
        setattr(stored, name, getattr(layers, name))


def _change_curve(stored: Retention, old: Collection[Trace], new: Collection[Trace]) -> None:
    layers = layers_of(stored)
    layers.add(old, -1)
    layers.add(new)
    store_layers(stored, layers)


def _publish(curves: Mapping[UUID, Retention]) -> None:
    """Show those curves anew that MIN_LEARNERS more learners are in than in what is shown of them.

    So what is shown never changes by what one learner did, however often a teacher looks or tells another
    length. The curves are locked, and with them what is shown of them.
    """
    shown = queries.published(curves)
    for video_id, stored in curves.items():
        layers, before = layers_of(stored), shown.get(video_id)
        if layers.viewers < (before.viewers if before else 0) + MIN_LEARNERS:
            continue
        viewers, duration_ms = layers.viewers, stored.duration_ms
        if before is None:
            before = PublishedCurve(video_id=video_id)
            db.session.add(before)
        elif before.duration_ms == duration_ms:
            layers = layers_of(before).renewed(layers)
        elif not _may_give_way(before, layers, duration_ms):
            continue
        before.viewers, before.duration_ms = viewers, duration_ms
        store_layers(before, layers)


def _may_give_way(before: PublishedCurve, layers: Layers, duration_ms: int) -> bool:
    edges, new_edges = retention.edges_ms(before.duration_ms), retention.edges_ms(duration_ms)
    return layers_of(before).may_give_way(edges, layers, new_edges)


def _store_traces(course_id: UUID, known: Mapping[Key, Trace], found: Mapping[Key, Trace]) -> None:
    changed = [(key, left) for key, left in found.items() if known.get(key) != left]
    new = [_row(course_id, key, left) for key, left in changed if key not in known]
    if new:
        db.session.execute(insert(Viewer), new)
    other = [_row(course_id, key, left) for key, left in changed if key in known]
    if other:
        db.session.execute(update(Viewer), other)


def _row(course_id: UUID, key: Key, left: Trace) -> dict[str, Any]:
    owner = {"course_id": course_id, "student_id": key[0], "video_id": key[1]}
    return owner | {"trace": left, "seen_ms": retention.seen_ms(left)}
