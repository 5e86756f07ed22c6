"""Who gets how far with somebody else's object: one line for each route with an id.

The columns are those of `tour.CALLERS`: nobody, another student, another teacher, the owner while suspended,
an administrator, the other side, the owner. Whoever is not the owner is told 404 of what is private, and 403
only of what everybody may see anyway, or where no account of that kind may go.
"""

SEEN_BY_ALL = (200, 200, 200, 403, 200, 200, 200)
STUDENTS_OWN = (401, 404, 404, 403, 404, 404)
TEACHERS_OWN = (401, 403, 404, 403, 403, 403)
SESSION_READ = (401, 404, 404, 403, 200, 200, 200)
OF_A_PUBLISHED_COURSE = (401, 403, 403, 403, 403, 403)
OF_A_REVIEW = (401, 403, 403, 403, 403, 403)

REACH: dict[str, tuple[int, ...]] = {
    "course.add_video": (*TEACHERS_OWN, 201),
    "course.delete": (*TEACHERS_OWN, 204),
    "course.delete_video": (*TEACHERS_OWN, 204),
    "course.order_videos": (*TEACHERS_OWN, 200),
    "course.publish": (*TEACHERS_OWN, 200),
    "course.remove_captions": (*TEACHERS_OWN, 204),
    "course.set_captions": (*TEACHERS_OWN, 201),
    "course.unpublish": (*OF_A_PUBLISHED_COURSE, 200),
    "course.update": (*TEACHERS_OWN, 200),
    "course.update_video": (*TEACHERS_OWN, 200),
    "course_review.list_reviews": SEEN_BY_ALL,
    "course_review.write": (*OF_A_PUBLISHED_COURSE, 201),
    "delivery.list_videos": SEEN_BY_ALL,
    "delivery.playback_url": (401, 403, 403, 403, 403, 200, 200),
    "delivery.show_course": SEEN_BY_ALL,
    "discovery.events": (*STUDENTS_OWN, 200),
    "discovery.get_turn": (*STUDENTS_OWN, 200),
    "profile.show": (200, 200, 200, 404, 200, 200, 200),
    "receipt.get_receipt": SESSION_READ,
    "review.delete": (*OF_A_REVIEW, 204),
    "review.edit": (*OF_A_REVIEW, 200),
    "review.explain": SEEN_BY_ALL,
    "review.list_reviews": SEEN_BY_ALL,
    "review.reply": (*OF_A_REVIEW, 200),
    "review.report": (401, 201, 201, 403, 201, 403, 201),
    "review.take_back_reply": (*OF_A_REVIEW, 204),
    "review.write": (*OF_A_PUBLISHED_COURSE, 201),
    "session.activate": (*STUDENTS_OWN, 200),
    "session.complete": (*STUDENTS_OWN, 200),
    "session.end": (*STUDENTS_OWN, 200),
    "session.extend": (*STUDENTS_OWN, 200),
    "session.get": SESSION_READ,
    "session.metrics": (*STUDENTS_OWN, 200),
    "session.status": SESSION_READ,
    "teacher.funnel": (*OF_A_PUBLISHED_COURSE, 200),
    "teacher.retention": (*OF_A_PUBLISHED_COURSE, 200),
    "users.update_profile": (401, 403, 403, 403, 200, 403, 200),
    "wallet.get_payout": (*TEACHERS_OWN, 200),
    "wallet.get_top_up": (*STUDENTS_OWN, 200),
}

MAY_BE_KNOWN = {
    *("course.unpublish", "course_review.write", "delivery.playback_url", "review.write"),
    *("review.delete", "review.edit", "review.reply", "review.report"),
    "review.take_back_reply",
    *("teacher.funnel", "teacher.retention", "users.update_profile"),
}
"""Routes of which a stranger is told 403 for an object that is no secret, and 404 for none."""
