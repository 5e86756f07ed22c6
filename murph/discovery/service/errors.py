"""Why a verb of discovery refuses."""

from murph.core.errors import NotFound


class ConversationNotFound(NotFound):
    """There is no such conversation of the caller, or it was forgotten."""

    code = "conversation_not_found"
    detail = "There is no such conversation of yours. Leave conversation_id out to begin a new one."


class TurnNotFound(NotFound):
    """There is no such turn of the caller, or it was forgotten."""

    code = "turn_not_found"
    detail = "There is no such turn of yours. List them with GET /discovery/chat/history."
