"""Why a course or what is in it is not changed."""

from murph.course import service

NOT_MINE = (service.CourseNotFound, service.NotCourseOwner)
NOT_EDITABLE = (*NOT_MINE, service.CourseArchived)
