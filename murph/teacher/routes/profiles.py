"""What everybody may know of an account; of teachers also what their courses come to."""

from typing import Any
from uuid import UUID

from murph.auth import guards
from murph.auth import service as auth
from murph.auth.models import SUSPENDED, TEACHER
from murph.core.http import Blueprint
from murph.teacher import service
from murph.teacher.schemas import ProfileOut

profiles = Blueprint("profile", __name__, url_prefix="/users", description="Profiles for everybody")


@profiles.route("/<uuid:user_id>", methods=["GET"])
@guards.public
@profiles.response(200, ProfileOut)
@profiles.raises(auth.UserNotFound)
def show(user_id: UUID) -> dict[str, Any]:
    """Return what everybody may know of an account."""
    user = auth.get_user(user_id=user_id)
    if user.state == SUSPENDED or user.is_erased:
        raise auth.UserNotFound
    standing = service.standing(teacher_id=user_id) if user.user_type == TEACHER else None
    return {"user": user, "standing": standing, "rating": standing and standing.rating}
