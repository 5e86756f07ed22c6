"""The list of features: whose routes, sockets, jobs, commands and checks the application has."""

from flask import Flask

from murph.core.http import Blueprint


def blueprints() -> list[Blueprint]:
    """Return the REST blueprints with their prefixes below ``/api/v1``."""
    return []


def init_app(app: Flask) -> None:
    """Register what is not a documented REST route: sockets, plain pages, commands."""
