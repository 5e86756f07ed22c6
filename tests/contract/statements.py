"""How many statements a route may send to the database, whoever asks, for one request."""

MOST = 6
BOUNDS = {
    "_metrics": 16,
    "course.delete_video": 8,
    "course.order_videos": 7,
    "course.remove_captions": 7,
    "course.set_captions": 10,
    "course_review.write": 14,
    "discovery.ask": 7,
    "personal.export_me": 29,
    "review.delete": 13,
    "review.write": 14,
    "sandbox.decide_payment": 12,
    "session.complete": 17,
    "session.create": 13,
    "session.end": 9,
    "session.extend": 13,
    "session.metrics": 7,
    "session.start": 13,
    "teacher.dashboard": 11,
    "users.erase_me": 20,
    "wallet.request_payout": 7,
    "wallet.request_top_up": 8,
}
"""Routes that need more, and how many: see docs/adr/0027-statements-of-a-request.md."""
