"""Adding, changing, ordering and removing the videos of a course."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from murph.core.db import db, transactional
from murph.core.errors import Conflict, NotFound, invalid_field
from murph.course import queries
from murph.course.models import EXTERNAL, FILE, PUBLISHED, Course, Video
from murph.course.service.access import get_editable, lock_videos, touch
from murph.course.service.content import last_lecture_end_ms, renumber_lectures
from murph.media import service as media
from murph.media.service import StoredUpload

MAX_VIDEOS = 100


class VideoNotFound(NotFound):
    """The course has no such video."""

    code = "video_not_found"
    detail = "This course has no video with this id."


class TooManyVideos(Conflict):
    """The course is full."""

    code = "too_many_videos"
    detail = f"A course has at most {MAX_VIDEOS} videos. Remove one, or make a second course."


class VideoInUse(Conflict):
    """The video cannot go without hurting watchers."""

    code = "video_in_use"
    detail = (
        "Somebody has watched this course and holds receipts of it, so its videos stay. Put them in another "
        "order with PUT /courses/{course_id}/videos/order, or unpublish the course and offer a new one."
    )


class LastVideo(Conflict):
    """A published course would be left with nothing to watch."""

    code = "last_video"
    detail = "This is the only video of a published course. Add another first, or unpublish the course."


class VideoChanges(TypedDict, total=False):
    """The fields of a video that its teacher may change; address and length of external ones only."""

    title: str
    position: int
    external_url: str
    told_ms: int


@transactional
def add_external_video(
    *,
    course_id: UUID,
    teacher_id: UUID,
    title: str,
    external_url: str,
    told_ms: int,
    position: int | None = None,
    at: datetime,
) -> Video:
    """Add a video that lies elsewhere, at `position` (from 1) or at the end; `told_ms` is believed.

    Raises:
        CourseNotFound, NotCourseOwner, CourseArchived: the course is not the caller's to change.
        TooManyVideos: the course is full.
    """
    video = Video(
        title=title, kind=EXTERNAL, external_url=external_url, told_ms=told_ms, created_at=at, captions=[]
    )
    course = lock_videos(course_id=course_id, teacher_id=teacher_id)
    return _add(course, video, position=position, at=at)


def expect_upload(*, course_id: UUID, teacher_id: UUID) -> None:
    """See that a video may be uploaded to the course, before its bytes are taken.

    Raises:
        CourseNotFound, NotCourseOwner, CourseArchived: the course is not the caller's to change.
        TooManyVideos: the course is full.
    """
    if len(get_editable(course_id=course_id, teacher_id=teacher_id).videos) >= MAX_VIDEOS:
        raise TooManyVideos


@transactional
def add_uploaded_video(
    *,
    course_id: UUID,
    teacher_id: UUID,
    title: str,
    upload: StoredUpload,
    position: int | None = None,
    at: datetime,
) -> Video:
    """Add a video that was uploaded and is to be processed; one that the course has already stays one.

    It says which other videos of the teacher are the same upload.

    Raises:
        CourseNotFound, NotCourseOwner, CourseArchived: the course is not the caller's to change.
        TooManyVideos: the course is full.
    """
    course = lock_videos(course_id=course_id, teacher_id=teacher_id)
    asset = media.register(owner_id=teacher_id, upload=upload, at=at)
    equal = queries.videos_of_asset(asset.id)
    for video in course.videos:
        if video.asset_id == asset.id:
            break
    else:
        video = Video(title=title, kind=FILE, asset=asset, created_at=at, captions=[])
        _add(course, video, position=position, at=at)
    video.equal_videos = [each for each in equal if each is not video]
    return video


@transactional
def update_video(
    *, course_id: UUID, video_id: UUID, teacher_id: UUID, changes: VideoChanges, at: datetime
) -> Video:
    """Change what `changes` names and leave the rest.

    Raises:
        CourseNotFound, NotCourseOwner, CourseArchived: the course is not the caller's to change.
        VideoNotFound: the course has no such video.
        Unprocessable: address or length of a file, or a length that its lectures exceed.
    """
    course = lock_videos(course_id=course_id, teacher_id=teacher_id)
    video = _video(course, video_id)
    if "told_ms" in changes or "position" in changes:
        queries.load_lectures(course)
    _require_fitting(course, video, changes)
    for name, value in changes.items():
        if name != "position":
            setattr(video, name, value)
    if "position" in changes:
        course.videos.remove(video)
        _place(course, video, changes["position"])
        renumber_lectures(course)
    touch(course, at=at)
    return video


@transactional
def delete_video(*, course_id: UUID, video_id: UUID, teacher_id: UUID, at: datetime) -> None:
    """Remove a video and its lectures; the rest is numbered anew.

    Raises:
        CourseNotFound, NotCourseOwner, CourseArchived: the course is not the caller's to change.
        VideoNotFound: the course has no such video.
        VideoInUse: somebody has watched the course.
        LastVideo: the course is published and has no other.
    """
    course = lock_videos(course_id=course_id, teacher_id=teacher_id)
    video = _video(course, video_id)
    if course.has_history and video.is_playable:
        raise VideoInUse
    if course.state == PUBLISHED and not has_playable(each for each in course.videos if each is not video):
        raise LastVideo
    queries.load_lectures(course)
    renumber_lectures(course, without=video_id)
    course.videos.remove(video)
    _number(course)
    touch(course, at=at)
    db.session.flush()
    let_go_of_objects(video, at=at)


def has_playable(videos: Iterable[Video]) -> bool:
    """Tell whether one of these videos can be watched."""
    return any(video.is_playable for video in videos)


def let_go_of_objects(video: Video, *, at: datetime) -> None:
    """Remove what a removed video had to itself: captions, and its asset unless another is the same."""
    for caption in video.captions:
        media.discard(prefix=caption.object_key, due_at=at + media.STILL_PLAYED_FOR)
    if video.asset_id is not None:
        media.let_go(asset_id=video.asset_id, is_needed=queries.is_asset_needed, at=at)


@transactional
def order_videos(
    *, course_id: UUID, teacher_id: UUID, video_ids: Sequence[UUID], at: datetime
) -> list[Video]:
    """Put the course's videos in the order of `video_ids`, which names each of them once.

    Raises:
        CourseNotFound, NotCourseOwner, CourseArchived: the course is not the caller's to change.
        Unprocessable: a video is missing, foreign or named twice.
    """
    course = lock_videos(course_id=course_id, teacher_id=teacher_id)
    by_id = {video.id: video for video in course.videos}
    if len(video_ids) != len(by_id) or set(video_ids) != set(by_id):
        raise invalid_field("video_ids", "Name every video of the course exactly once.")
    course.videos.sort(key=lambda video: video_ids.index(video.id))
    _number(course)
    queries.load_lectures(course)
    renumber_lectures(course)
    touch(course, at=at)
    return list(course.videos)


def _add(course: Course, video: Video, *, position: int | None, at: datetime) -> Video:
    if len(course.videos) >= MAX_VIDEOS:
        raise TooManyVideos
    _place(course, video, position or MAX_VIDEOS)
    touch(course, at=at)
    return video


def _place(course: Course, video: Video, position: int) -> None:
    course.videos.insert(position - 1, video)
    _number(course)


def _number(course: Course) -> None:
    for position, video in enumerate(course.videos, start=1):
        video.position = position


def _video(course: Course, video_id: UUID) -> Video:
    for video in course.videos:
        if video.id == video_id:
            return video
    raise VideoNotFound


def _require_fitting(course: Course, video: Video, changes: VideoChanges) -> None:
    if video.kind == FILE:
        for name, field in (("external_url", "video_url"), ("told_ms", "duration_seconds")):
            if name in changes:
                raise invalid_field(field, "This video is a file; only external ones have this field.")
    if "told_ms" in changes and changes["told_ms"] < last_lecture_end_ms(course, video.id):
        raise invalid_field("duration_seconds", "A lecture of this video ends later than that.")
