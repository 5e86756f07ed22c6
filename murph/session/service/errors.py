"""Why a session verb refuses."""

from uuid import UUID

from murph.core.errors import Conflict, Forbidden, NotFound, Unprocessable


class SessionNotFound(NotFound):
    """No such session, or not one the caller takes part in."""

    code = "session_not_found"
    detail = "There is no such session among yours. List them with GET /sessions."


class NoActiveSession(NotFound):
    """The student has no live session."""

    code = "no_active_session"
    detail = "No session is live. Start one with POST /sessions/start."


class SessionActive(Conflict):
    """The student already has a live session."""

    code = "session_active"
    detail = "Another session of yours is live. End it first, or go on with it."

    def __init__(self, session_id: UUID | None) -> None:
        super().__init__(extra={"session_id": str(session_id)} if session_id else None)


class SessionNotLive(Conflict):
    """The session is over or not yet running."""

    code = "session_not_live"
    detail = "This session is not running. Look at its status; start a new one to watch on."


class LockExpired(Conflict):
    """The funds were locked too long ago without starting."""

    code = "lock_expired"
    detail = "The lock was not used within 15 minutes and is being released. Create a new session."


class OwnCourse(Forbidden):
    """A teacher would pay themself."""

    code = "own_course"
    detail = "You teach this course. Look at it through its preview instead of a paid session."


class LockTooSmall(Unprocessable):
    """The lock does not pay for one second."""

    code = "lock_too_small"
    detail = "This lock does not pay for one second of the course. Lock more."


class SocketLive(Conflict):
    """A WebSocket is metering this session."""

    code = "socket_live"
    detail = "A WebSocket is metering this session. Send ticks there, or close it first."


class UnknownVideo(Unprocessable):
    """The video belongs to another course."""

    code = "unknown_video"
    detail = "This video is not part of the session's course."
