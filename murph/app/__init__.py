"""Puts the application together; everything else knows only what stands below it."""

from murph.app.factory import create_app

__all__ = ["create_app"]
