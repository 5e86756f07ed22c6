"""What delivery has to know of a video."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from murph.core.db import db
from murph.course.models import Course, Video


@dataclass(frozen=True)
class Offer:
    """A video, whose course it is, and whether everybody may know of it."""

    video: Video
    teacher_id: UUID
    state: str


def offer(video_id: UUID) -> Offer | None:
    """Return a video with what its course says about it."""
    row = db.session.execute(
        select(Video, Course.teacher_id, Course.state)
        .join(Course, Course.id == Video.course_id)
        .where(Video.id == video_id)
    ).one_or_none()
    return None if row is None else Offer(*row)
