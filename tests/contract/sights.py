"""The order in which the routes are asked, as people would: what one request makes, the next ones use."""

from typing import Any

from flask import Flask, current_app
from flask.testing import FlaskClient

from murph.core.db import db
from murph.core.ids import new_id
from murph.delivery import tokens
from murph.gateways.storage import storage
from murph.media.models import MP4, Asset
from tests.auth.people import PASSWORD, Person, sign_in, sign_up
from tests.contract.tour import ADMIN, STUDENT, TEACHER, Tour
from tests.contract.world import CAPTIONS, World, build
from tests.course.builders import COURSES, VIDEO_URL, content, course_body
from tests.course.uploading import send_form
from tests.delivery.builders import Film, film, place
from tests.review.builders import pay_for
from tests.session.builders import end, start, watch
from tests.support.forms import CONTENT_TYPE, form, part
from tests.wallet.test_webhooks import SECRET, body_of, signed

FORM: Any = {"content_type": CONTENT_TYPE}
EXTERNAL = {"title": "Part 2", "video_url": VIDEO_URL, "duration_seconds": 172}


def take(app: Flask, client: FlaskClient) -> Tour:
    """Ask every route once."""
    app.config["FINTERNET_WEBHOOK_SECRET"] = SECRET
    world = build(client)
    sara = sign_in(client, "sara@example.org")
    others = {STUDENT: sara, TEACHER: sign_in(client, "otto@example.org"), ADMIN: world.people["admin"]}
    tour = Tour(app, client, others)
    _around(tour)
    _pages(tour, app)
    _people(tour, world)
    _sessions(tour, client, world)
    _reviews(tour, client, world)
    _money(tour, client, world)
    _desk(tour, world)
    _talk(tour, world)
    _courses(tour, client, world)
    _films(tour, client, world)
    _leave(tour, client)
    return tour


def _around(tour: Tour) -> None:
    for endpoint in ("_healthz", "_readyz", "_metrics", "api-docs.openapi_json", "swagger_ui.show"):
        tour.go(endpoint)
    tour.go("category.list_categories")
    tour.go("discovery.search", query="?q=interest")
    tour.go("discovery.suggest", query="?q=inter")


def _pages(tour: Tour, app: Flask) -> None:
    for rule in list(app.url_map.iter_rules()):
        if rule.endpoint.startswith("pages.") and "digest" not in rule.arguments:
            tour.go(rule.endpoint, ids={name: new_id() for name in rule.arguments})


def _people(tour: Tour, world: World) -> None:
    stan = world.people["student"]
    who = {"user_id": stan.id}
    new = {"email": "new@example.org", "password": PASSWORD, "name": "New", "user_type": "student"}
    tour.go("auth.register", json=new)
    tour.go("auth.login", json={"email": stan.email, "password": PASSWORD})
    tour.go("auth.refresh", headers={"Authorization": f"Bearer {stan.refresh_token}"})
    tour.go("auth.me", stan)
    changes = {"bio": "New", "password": PASSWORD + "!", "current_password": PASSWORD}
    tour.go("auth.update_me", stan, json=changes)
    tour.go("profile.show", world.people["teacher"], {"user_id": world.people["teacher"].id}, party=stan)
    tour.go("users.update_profile", stan, who, party=world.people["teacher"], json={"name": "Stan"})


def _sessions(tour: Tour, client: FlaskClient, world: World) -> None:
    stan, tess = world.people["student"], world.people["teacher"]
    live, done = ({"session_id": each} for each in world.own["session_id"])
    course = {"course_id": world.own["course_id"][0]}
    sides: Any = {"party": tess}
    for endpoint in ("session.active", "session.list_sessions"):
        tour.go(endpoint, stan)
    for endpoint in ("session.get", "session.status", "receipt.get_receipt"):
        tour.go(endpoint, stan, done, **sides)
    url = {**course, "video_id": world.own["video_id"][1]}
    tour.go("delivery.playback_url", stan, url, **sides)
    tour.go("session.metrics", stan, live, json={"duration_seconds": 1}, **sides)
    watch({"id": live["session_id"]}, 95)
    tour.go("session.extend", stan, live, json={"amount": "1.00"}, **sides)
    tour.go("session.end", stan, live, **sides)
    made = {"session_id": tour.go("session.create", stan, json=course)["id"]}
    tour.go("session.activate", stan, made, **sides)
    tour.go("session.complete", stan, made, json={"duration_seconds": 0}, **sides)
    end(client, stan, tour.go("session.start", stan, json=course))


def _reviews(tour: Tour, client: FlaskClient, world: World) -> None:
    stan, tess = world.people["student"], world.people["teacher"]
    found = client.get(f"/api/v1/courses/{world.own['course_id'][0]}").get_json()
    course, review = {"course_id": found["id"]}, {"review_id": ""}
    rating: Any = {"party": tess, "json": {"rating": 5, "comment": "Clear"}}
    for endpoint in ("review.write", "course_review.write"):
        pay_for(client, stan, found, (0, 95))
        review["review_id"] = tour.go(endpoint, stan, course, **rating)["id"]
    for endpoint in ("review.list_reviews", "course_review.list_reviews"):
        tour.go(endpoint, stan, course, party=tess)
    tour.go("review.explain", stan, review, party=tess)
    tour.go("review.edit", stan, review, **rating)
    tour.go("review.reply", tess, review, party=stan, json={"reply": "Thanks"})
    tour.go("review.take_back_reply", tess, review, party=stan)
    tour.go("review.report", tess, review, party=stan, json={"reason": "spam"})
    tour.go("review.delete", stan, review, party=tess)


def _money(tour: Tour, client: FlaskClient, world: World) -> None:
    stan, tess = world.people["student"], world.people["teacher"]
    for endpoint in (
        "wallet.balance",
        "wallet.transactions",
        "wallet.transactions_csv",
        "wallet.list_top_ups",
    ):
        tour.go(endpoint, stan)
    tour.go("wallet.connect", stan, json={"wallet_address": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"})
    top_up = tour.go("wallet.request_top_up", stan, json={"amount": "3.00"})
    tour.go("wallet.get_top_up", stan, {"top_up_id": top_up["id"]}, party=tess)
    secret = {"secret": top_up["payment_url"].rpartition("/")[2]}
    tour.go("sandbox.show_payment", ids=secret)
    tour.go("sandbox.decide_payment", ids=secret, json={"action": "confirm"})
    tour.go("wallet.list_payouts", tess)
    tour.go("wallet.request_payout", tess, json={"amount": "1.00"})
    tour.go("wallet.get_payout", tess, {"payout_id": world.own["payout_id"][0]}, party=stan)
    body = body_of(f"sandbox_{top_up['id']}")
    signature = {"Finternet-Signature": signed(body)}
    tour.go("wallet.receive_event", headers=signature, data=body, content_type="application/json")


def _desk(tour: Tour, world: World) -> None:
    tess, stan = world.people["teacher"], world.people["student"]
    for name in ("dashboard", "earnings", "earnings_csv", "courses", "reviews"):
        tour.go(f"teacher.{name}", tess)
    course, video = {"course_id": world.own["course_id"][0]}, {"video_id": world.own["video_id"][1]}
    tour.go("teacher.funnel", tess, course, party=stan)
    tour.go("teacher.retention", tess, course | video, party=stan)


def _talk(tour: Tour, world: World) -> None:
    stan, tess = world.people["student"], world.people["teacher"]
    turn = {"turn_id": tour.go("discovery.ask", stan, json={"message": "interest"})["turn_id"]}
    tour.go("discovery.get_turn", stan, turn, party=tess)
    tour.go("discovery.events", stan, turn, party=tess)
    tour.go("discovery.history", stan)
    tour.go("discovery.forget", stan)


def _courses(tour: Tour, client: FlaskClient, world: World) -> None:
    tess: Any = world.people["teacher"]
    seen: Any = {"party": world.people["student"]}
    tour.go("course.list_courses")
    shown = {"course_id": world.own["course_id"][0]}
    for endpoint in ("delivery.show_course", "delivery.list_videos"):
        tour.go(endpoint, tess, shown, **seen)
    draft = tour.go("course.create", tess, json=course_body(content_structure=content(300, 600)))
    course = {"course_id": draft["id"]}
    tour.go("course.update", tess, course, json={"title": "Anew"}, **seen)
    video = {**course, "video_id": tour.go("course.add_video", tess, course, json=EXTERNAL, **seen)["id"]}
    tour.go("course.update_video", tess, video, json={"title": "Part two"}, **seen)
    order = [video["video_id"], draft["videos"][0]["id"]]
    tour.go("course.order_videos", tess, course, json={"video_ids": order}, **seen)
    captions = form(part("language", b"en"), part("file", CAPTIONS, "en.vtt"))
    tour.go("course.set_captions", tess, video, data=captions, **FORM, **seen)
    tour.go("course.remove_captions", tess, {**video, "language": "en"}, **seen)
    tour.go("course.delete_video", tess, video, **seen)
    tour.go("course.publish", tess, course, **seen)
    tour.go("course.unpublish", tess, course, **seen)
    tour.go("course.delete", tess, course, **seen)


def _films(tour: Tour, client: FlaskClient, world: World) -> None:
    tess, stan = world.people["teacher"], world.people["student"]
    shown, file = film(client, tess), film(client, tess, mode=MP4)
    poster = _illustrate(shown)
    captions = f"{COURSES}/{shown.course['id']}/videos/{shown.video_id}/captions"
    assert send_form(client, tess, captions, CAPTIONS, "en.vtt", language="en").status_code == 201
    session = start(client, stan, shown.course)
    here = {"token": _token(client, shown, stan)}
    tour.go("media.send_playlist", ids=here)
    tour.go("media.send_segment", ids=here | {"number": 0})
    tour.go("media.send_key", ids=here | {"window": 0})
    tour.go("media.send_captions", ids=here | {"language": "en"})
    tour.go("media.send_sprite", ids=here)
    tour.go("media.send_sprite_map", ids=here)
    tour.go("media.send_poster", ids={"token": poster})
    end(client, stan, session)
    start(client, stan, file.course)
    tour.go("media.send_bytes", ids={"token": _token(client, file, stan)}, headers={"Range": "bytes=0-9"})


def _token(client: FlaskClient, shown: Film, student: Person) -> str:
    return place(client, shown.course, student).rpartition("/")[2]


def _leave(tour: Tour, client: FlaskClient) -> None:
    tour.go("auth.logout", sign_in(client, "tess@example.org"))
    tour.go("personal.export_me", sign_in(client, "tess@example.org"))
    tour.go("users.erase_me", sign_up(client, "gone@example.org"), json={"password": PASSWORD})


def _illustrate(shown: Film) -> str:
    """Give a film its pictures, and return what the poster's address is signed with."""
    names = ("poster_key", "sprite_key", "sprite_map_key")
    keys = {name: f"assets/{shown.asset_id.hex}/{name}" for name in names}
    for key in keys.values():
        storage().put(key, b"picture", content_type="image/jpeg")
    asset = db.session.get_one(Asset, shown.asset_id)
    for name, key in keys.items():
        setattr(asset, name, key)
    db.session.commit()
    return tokens.sign_poster(shown.asset_id, 1, [current_app.config["SECRET_KEY"]])
