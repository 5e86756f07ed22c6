"""The blueprint of ``/teacher``."""

from murph.core.http import Blueprint

blp = Blueprint(
    "teacher", __name__, url_prefix="/teacher", description="What one earns, and how one is watched"
)
