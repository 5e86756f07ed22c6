"""``/discovery``: search, type-ahead, chat."""

from murph.discovery.routes import chat, search
from murph.discovery.routes.blueprint import blp, init_app

__all__ = ["blp", "chat", "init_app", "search"]
