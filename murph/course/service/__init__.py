"""The verbs of courses."""

from murph.course.service.access import CourseArchived, CourseNotFound, NotCourseOwner, VersionMismatch, get
from murph.course.service.content import ContentStructure, LecturePart
from murph.course.service.courses import (
    CourseChanges,
    NotPublishable,
    archive,
    create,
    delete,
    publish,
    unpublish,
    update,
)
from murph.course.service.videos import (
    LastVideo,
    TooManyVideos,
    VideoChanges,
    VideoInUse,
    VideoNotFound,
    add_external_video,
    add_file_video,
    delete_video,
    order_videos,
    update_video,
)
from murph.course.service.watching import (
    CourseForWatching,
    LectureForWatching,
    VideoForWatching,
    get_for_watching,
    get_timeline,
    note_watched,
)

__all__ = [
    "ContentStructure",
    "CourseArchived",
    "CourseChanges",
    "CourseForWatching",
    "CourseNotFound",
    "LastVideo",
    "LectureForWatching",
    "LecturePart",
    "NotCourseOwner",
    "NotPublishable",
    "TooManyVideos",
    "VersionMismatch",
    "VideoChanges",
    "VideoForWatching",
    "VideoInUse",
    "VideoNotFound",
    "add_external_video",
    "add_file_video",
    "archive",
    "create",
    "delete",
    "delete_video",
    "get",
    "get_for_watching",
    "get_timeline",
    "note_watched",
    "order_videos",
    "publish",
    "unpublish",
    "update",
    "update_video",
]
