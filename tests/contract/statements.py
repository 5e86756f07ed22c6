"""How many statements a route may send to the database, whoever asks, for one request."""

MOST = 6
BOUNDS = {
    "_metrics": 13,
    "auth.update_me": 7,
    "course.delete_video": 8,
    "course.order_videos": 7,
    "course.remove_captions": 8,
    "course.set_captions": 10,
    "course_review.write": 18,
    "discovery.ask": 10,
    "media.send_key": 8,
    "personal.export_me": 29,
    "receipt.get_receipt": 7,
    "review.delete": 14,
    "review.write": 18,
    "sandbox.decide_payment": 17,
    "session.activate": 9,
    "session.complete": 23,
    "session.create": 18,
    "session.end": 13,
    "session.extend": 16,
    "session.metrics": 12,
    "session.start": 19,
    "teacher.courses": 8,
    "teacher.dashboard": 13,
    "users.erase_me": 20,
    "wallet.request_payout": 7,
    "wallet.request_top_up": 9,
}
"""Routes that need more, and how many: see docs/adr/0027-statements-of-a-request.md."""
