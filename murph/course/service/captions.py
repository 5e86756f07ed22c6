"""What is said in a video: one text per language, replaced as a whole."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from murph.core.db import db, transactional
from murph.core.errors import Conflict, NotFound
from murph.course.models import Caption, Video
from murph.course.service.access import get_editable, lock_videos, touch
from murph.course.service.videos import VideoNotFound
from murph.media import service as media

MAX_LANGUAGES = 20


class CaptionsNotFound(NotFound):
    """The video has no captions in this language."""

    code = "captions_not_found"
    detail = "This video has no captions in this language. Its languages stand in the course."


class TooManyLanguages(Conflict):
    """The video is captioned in as many languages as can be."""

    code = "too_many_languages"
    detail = f"A video has captions in at most {MAX_LANGUAGES} languages. Remove one first."


def caption_key(caption_id: UUID) -> str:
    """Return the name of the object that holds a caption's text."""
    return f"captions/{caption_id.hex}.vtt"


def expect_captions(*, course_id: UUID, video_id: UUID, teacher_id: UUID) -> None:
    """See that a video may be given captions, before they are stored.

    Raises:
        CourseNotFound, NotCourseOwner, CourseArchived, VideoNotFound: it may not.
    """
    course = get_editable(course_id=course_id, teacher_id=teacher_id)
    if video_id not in {video.id for video in course.videos}:
        raise VideoNotFound


@transactional
def set_captions(
    *,
    course_id: UUID,
    video_id: UUID,
    teacher_id: UUID,
    caption_id: UUID,
    language: str,
    label: str,
    at: datetime,
) -> Video:
    """Give a video the captions that are stored under `caption_key`, in place of others in that language.

    Raises:
        CourseNotFound, NotCourseOwner, CourseArchived, VideoNotFound: it may not.
        TooManyLanguages: it has captions in many others.
    """
    video = _locked_video(course_id, video_id, teacher_id, at=at)
    known = {caption.language.lower(): caption for caption in video.captions}
    if language.lower() in known:
        _discard(video, known[language.lower()], at=at)
    elif len(known) >= MAX_LANGUAGES:
        raise TooManyLanguages
    key = caption_key(caption_id)
    media.put_to_use(prefix=key)
    video.captions.append(
        Caption(id=caption_id, language=language, label=label, object_key=key, created_at=at)
    )
    return video


@transactional
def remove_captions(
    *, course_id: UUID, video_id: UUID, teacher_id: UUID, language: str, at: datetime
) -> None:
    """Take the captions of one language away from a video.

    Raises:
        CourseNotFound, NotCourseOwner, CourseArchived, VideoNotFound: it may not.
        CaptionsNotFound: there are none.
    """
    video = _locked_video(course_id, video_id, teacher_id, at=at)
    for caption in video.captions:
        if caption.language.lower() == language.lower():
            _discard(video, caption, at=at)
            return
    raise CaptionsNotFound


def caption_keys() -> list[str]:
    """Return the names of all objects that captions need."""
    return list(db.session.scalars(select(Caption.object_key)))


def _locked_video(course_id: UUID, video_id: UUID, teacher_id: UUID, *, at: datetime) -> Video:
    course = lock_videos(course_id=course_id, teacher_id=teacher_id)
    for video in course.videos:
        if video.id == video_id:
            touch(course, at=at)
            return video
    raise VideoNotFound


def _discard(video: Video, caption: Caption, *, at: datetime) -> None:
    media.discard(prefix=caption.object_key, due_at=at + media.STILL_PLAYED_FOR)
    video.captions.remove(caption)
    db.session.flush()  # before another in the same language comes
