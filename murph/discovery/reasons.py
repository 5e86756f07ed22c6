"""Why a course is shown, in a sentence made of what is known and nothing else."""

from murph.core import money
from murph.discovery.service.search import Found

MAX_NAMED = 4


def reason(found: Found) -> str:
    """Return what of the question is in the course, and what it costs."""
    course = found.course
    named = ", ".join(found.matched[:MAX_NAMED])
    parts = [f"Has {named}." if named else "Close to what you asked for."]
    if found.part is not None:
        parts.append("It is said in one of its videos.")
    if course.rating is not None:
        parts.append(f"Rated {course.rating:.1f} by people who watched it.")
    if course.price_to_finish_minor is not None:
        price = money.to_text(course.price_to_finish_minor, course.currency)
        parts.append(f"All of it costs {price} {course.currency}.")
    return " ".join(parts)
