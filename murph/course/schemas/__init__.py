"""What courses look like on the wire, one file for each idea."""

from murph.course.schemas.categories import CategoriesOut
from murph.course.schemas.courses import (
    ETAG,
    CourseChangesIn,
    CourseIn,
    CourseOut,
    CourseQuery,
    CoursesOut,
    CourseSummaryOut,
    VersionHeaders,
)
from murph.course.schemas.videos import (
    CaptionsIn,
    UploadedVideoOut,
    VideoChangesIn,
    VideoIn,
    VideoOrderIn,
    VideoOut,
    VideosOut,
    VideoUploadIn,
    tell_posters,
)

__all__ = [
    "ETAG",
    "CaptionsIn",
    "CategoriesOut",
    "CourseChangesIn",
    "CourseIn",
    "CourseOut",
    "CourseQuery",
    "CourseSummaryOut",
    "CoursesOut",
    "UploadedVideoOut",
    "VersionHeaders",
    "VideoChangesIn",
    "VideoIn",
    "VideoOrderIn",
    "VideoOut",
    "VideoUploadIn",
    "VideosOut",
    "tell_posters",
]
