"""The blueprint of ``/courses``, as teachers use it."""

from murph.core.http import Blueprint

blp = Blueprint("course", __name__, url_prefix="/courses", description="What can be watched")
