"""Why a verb of reviews refuses."""

from murph.core.errors import Conflict, Forbidden, MurphError, NotFound


class ReviewNotFound(NotFound):
    """There is no such review, or it was deleted."""

    code = "review_not_found"
    detail = "There is no review with this id. List those of a course with GET /courses/{course_id}/reviews."


class ReviewNotAllowed(Forbidden):
    """Somebody without a paid session on the course wants to review it."""

    code = "review_not_allowed"
    detail = (
        "A review needs a completed, paid session of yours on this course. Watch some of it beyond the free "
        "preview, end the session, and try again once it is settled."
    )


class ReviewExists(Conflict):
    """The session, or a later one, has been reviewed."""

    code = "review_exists"
    detail = (
        "You have reviewed this session, or a later one on this course. Change that review with "
        "PUT /reviews/{review_id}, or watch on and review the next session; yours is listed with "
        "GET /courses/{course_id}/reviews?mine=true."
    )


class ReviewSuperseded(Conflict):
    """The review is not its author's last word any more."""

    code = "review_superseded"
    detail = (
        "Its author has reviewed the course again, so this review is no longer shown and does not count. "
        "Use their latest one, listed with GET /courses/{course_id}/reviews."
    )


class NotReviewAuthor(Forbidden):
    """Somebody else's review is to be changed."""

    code = "not_review_author"
    detail = "Only who wrote a review may change or delete it."


class EditWindowOver(Conflict):
    """The review was written too long ago to be changed."""

    code = "edit_window_over"
    detail = "The time in which this review could be changed is over. Review your next session instead."


class TooManyVersions(MurphError):
    """A student changed their mind about a course more often than people do."""

    status = 429
    code = "too_many_versions"
    detail = (
        "You wrote and changed what you say about this course 20 times within 24 hours. It stays as it is; "
        "wait for the seconds named in Retry-After before you change it again."
    )


class NotCourseTeacher(Forbidden):
    """A teacher wants to answer a review of somebody else's course."""

    code = "not_course_teacher"
    detail = "Only the teacher of the reviewed course may reply, or take a reply back."


class ReplyNotFound(NotFound):
    """The review has no answer that could be taken back."""

    code = "reply_not_found"
    detail = "This review has no reply. Answer it with POST /reviews/{review_id}/reply."


class OwnReview(Forbidden):
    """Somebody complains about their own review."""

    code = "own_review"
    detail = "This review is yours. Change or delete it instead of reporting it."


class AlreadyReported(Conflict):
    """The same account has reported the review before."""

    code = "already_reported"
    detail = "You have reported this review before; an administrator is going to look at it."
