"""The teacher's desk over REST, and everybody's public profile."""

from murph.teacher.routes import audience, money
from murph.teacher.routes.blueprint import blp
from murph.teacher.routes.profiles import profiles

__all__ = ["audience", "blp", "money", "profiles"]
