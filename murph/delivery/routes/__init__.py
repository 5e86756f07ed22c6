"""Delivery over HTTP: courses as their watchers see them, the bytes of videos, and receipts."""

from murph.delivery.routes.courses import courses, poster_url
from murph.delivery.routes.media import media
from murph.delivery.routes.receipts import sessions

__all__ = ["courses", "media", "poster_url", "sessions"]
