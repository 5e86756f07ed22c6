"""Categories, courses and their videos over HTTP. ``GET /courses/{id}`` stands in `murph.delivery`."""

from murph.course.routes import videos
from murph.course.routes.blueprint import blp
from murph.course.routes.courses import categories

__all__ = ["blp", "categories", "videos"]
