"""The demo world: people to sign in as, courses to find, a lecture to watch, some test money.

Seeding again adds what is missing and leaves alone what is there: an account is known by its e-mail,
a teacher's courses are added together and only while the teacher has none, money is given once.
"""

import json
import secrets
import time
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from murph.auth import service as auth
from murph.auth.models import ADMIN, STUDENT, TEACHER, User
from murph.auth.passwords import PasswordCost
from murph.core import clock
from murph.core.db import db, transactional
from murph.core.errors import Forbidden
from murph.course import service as course
from murph.course.models import MAX_VIDEO_MS, Course, Video
from murph.course.service import ContentStructure, LecturePart
from murph.demo import film, opinions
from murph.gateways import payment
from murph.gateways.payment.port import PaymentGateway
from murph.media.models import Asset
from murph.media.service import StoredUpload
from murph.metering.credit import PlayState
from murph.session import service as session
from murph.session.models import Preview
from murph.session.rules import Rules
from murph.teacher import service as desk
from murph.wallet import queries as wallet_queries
from murph.wallet import service as wallet

Row = Mapping[str, Any]

WORLD = Path(__file__).parent / "world"
GIFT_MINOR = 5_000
PREVIEW_MS = 1_000
"""The shortest session that uses up a preview is one credited second."""
PASSWORD = "pay-per-second"  # noqa: S105 - shown to everybody who looks at the demo


@dataclass(frozen=True)
class Account:
    """Somebody to sign in as."""

    email: str
    password: str
    role: str
    name: str
    note: str


ADA = Account("ada@demo.murph.test", PASSWORD, STUDENT, "Ada Novak", "50.00, preview used")
BEN = Account("ben@demo.murph.test", PASSWORD, STUDENT, "Ben Osei", "50.00, previews unused")
CHLOE = Account("chloe@demo.murph.test", PASSWORD, STUDENT, "Chloe Martin", "no money yet")
GRACE = Account("grace@demo.murph.test", PASSWORD, TEACHER, "Grace Lind", "the narrated lecture")
HUGO = Account("hugo@demo.murph.test", PASSWORD, TEACHER, "Hugo Reyes", "three other courses")
ROOT = Account(
    "admin@demo.murph.test", PASSWORD, ADMIN, "Demo Admin", "any session by id; flask session list"
)
ACCOUNTS = (ADA, BEN, CHLOE, GRACE, HUGO, ROOT)

_HUGOS = {"fair/fair-intro", "galaxy-interface/workflow-posters", "microbiome/beer-data-analysis"}
_AUTHOR_BIO = "Named as the source of openly licensed courses. Nobody can sign in to this account."
_CREDITS = {
    "gtn": "After {teacher} and others, Galaxy Training Network (https://training.galaxyproject.org), "
    "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/), shortened.",
    "fpb": "A course by {teacher}; entry after free-programming-books by the Free Ebook Foundation and "
    "contributors (https://github.com/EbookFoundation/free-programming-books), "
    "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/).",
}
_MADE_UP = {"price_per_minute_minor": "price", "duration_s": "length"}


class NotInProduction(Forbidden):
    """The demo's passwords are public."""

    code = "demo_in_production"
    detail = "The demo's passwords are public, an administrator's among them. Insist with --force."


@dataclass(frozen=True)
class Seeded:
    """What a run of the seed found or made."""

    courses_added: int
    courses: int

    def document(self) -> dict[str, Any]:
        """Return all that a newcomer needs, for programs."""
        accounts = [asdict(account) for account in ACCOUNTS]
        return {"accounts": accounts, **asdict(self), "attribution": attribution()}


def attribution() -> str:
    """Return who made the catalogue's entries, and that its prices are made up."""
    return f"{_catalogue()['attribution']} {_catalogue()['note']}"


def seed(*, config: Mapping[str, Any], force: bool = False, at: datetime) -> Seeded:
    """Add what is missing of the demo world; `config` are the application's settings.

    Raises:
        NotInProduction: the deployment is a production one and `force` is not set.
    """
    if config["MURPH_ENV"] == "production" and not force:
        raise NotInProduction
    user_ids = _accounts(PasswordCost.of(config), at=at)
    added = _courses(user_ids, config, at=at)
    film.package_anew(owner_id=user_ids[GRACE.email], at=at)
    gateway = payment.from_config(config)
    if gateway.is_test_money:
        for student in (ADA, BEN):
            _give_money(user_ids[student.email], gateway, currency=config["CURRENCY"], at=at)
        _review(config, gateway, at=at)
    _use_preview(user_ids[ADA.email], user_ids[GRACE.email], Rules.from_config(config), at=at)
    desk.refresh_due(at=clock.now() + desk.SETTLES_DOWN)
    return Seeded(courses_added=added, courses=sum(map(len, _rows_by_teacher().values())))


# --- people -----------------------------------------------------------------------------------------


def _accounts(cost: PasswordCost, *, at: datetime) -> dict[str, UUID]:
    """Return the ids of all accounts by e-mail, after opening those that are missing."""
    authors = {email: rows[0]["teacher"] for email, rows in _rows_by_teacher().items() if _is_author(email)}
    wanted = [account.email for account in ACCOUNTS] + list(authors)
    found = db.session.execute(select(User.email, User.id).where(User.email.in_(wanted)))
    ids = {row.email: row.id for row in found}
    for account in ACCOUNTS:
        if account.email not in ids:
            ids[account.email] = _open(account, cost, at=at)
    for email, name in authors.items():
        if email not in ids:
            ids[email] = _open_author(email, name, at=at)
    return ids


def _open(account: Account, cost: PasswordCost, *, at: datetime) -> UUID:
    email, password, name = account.email, account.password, account.name
    if account.role == ADMIN:
        return auth.create_admin(email=email, password=password, name=name, cost=cost, at=at).id
    grant = auth.register(email=email, password=password, name=name, user_type=account.role, cost=cost, at=at)
    return grant.user.id


def _open_author(email: str, name: str, *, at: datetime) -> UUID:
    # A random password that is thrown away needs no costly hash: there is nothing to guess.
    cheap = PasswordCost(time_cost=1, memory_kib=8)
    grant = auth.register(
        email=email, password=secrets.token_urlsafe(), name=name, user_type=TEACHER, cost=cheap, at=at
    )
    author_id = grant.user.id
    auth.update_profile(user_id=author_id, changes={"bio": _AUTHOR_BIO}, actor_id=author_id, at=at)
    return author_id


def _author_email(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return ".".join(plain.lower().replace(".", " ").split()) + "@authors.murph.test"


def _is_author(email: str) -> bool:
    return email.endswith("@authors.murph.test")


# --- courses ----------------------------------------------------------------------------------------


@cache
def _catalogue() -> dict[str, Any]:
    catalogue: dict[str, Any] = json.loads((WORLD / "catalogue.json").read_text())
    return catalogue


@cache
def _rows_by_teacher() -> dict[str, list[Row]]:
    """Return the rows of courses by their teacher's e-mail; Grace's is last, and so the newest."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in _catalogue()["courses"]:
        is_hugos = row["source_id"] in _HUGOS
        rows[HUGO.email if is_hugos else _author_email(row["teacher"])].append(row)
    rows[GRACE.email].append(json.loads((WORLD / "lecture.json").read_text()))
    return rows


def _courses(user_ids: Mapping[str, UUID], config: Mapping[str, Any], *, at: datetime) -> int:
    """Add the courses of every teacher who has none; return how many were added."""
    have = set(db.session.scalars(select(Course.teacher_id).distinct()))
    missing = {email: rows for email, rows in _rows_by_teacher().items() if user_ids[email] not in have}
    for email, rows in missing.items():
        teacher_id = user_ids[email]
        uploaded = film.upload(config, owner_id=teacher_id, at=at) if email == GRACE.email else None
        videos = _offer(rows, uploaded, teacher_id=teacher_id, currency=config["CURRENCY"], at=at)
        for video in videos:
            film.caption(video, teacher_id=teacher_id, at=at)
    return sum(map(len, missing.values()))


@transactional
def _offer(
    rows: list[Row], uploaded: StoredUpload | None, *, teacher_id: UUID, currency: str, at: datetime
) -> list[Video]:
    """Publish the courses that `rows` describe; return those of their videos that are `uploaded`."""
    films = []
    for row in rows:
        is_elsewhere = "video_url" in row
        created = course.create(
            teacher_id=teacher_id,
            currency=currency,
            title=row["title"],
            description=_description(row),
            category=row["category"],
            price_per_minute_minor=row["price_per_minute_minor"],
            level=row["level"],
            language=row["language"],
            tags=row["tags"],
            content=_content(row) if is_elsewhere else None,
            at=at,
        )
        if uploaded is not None:
            films.append(_add_film(row, uploaded, created.id, teacher_id, at=at))
        course.publish(course_id=created.id, teacher_id=teacher_id, at=at)
    return films


def _add_film(row: Row, uploaded: StoredUpload, course_id: UUID, teacher_id: UUID, *, at: datetime) -> Video:
    video = course.add_uploaded_video(
        course_id=course_id, teacher_id=teacher_id, title=row["title"], upload=uploaded, at=at
    )
    content = _content(row, longest_ms=video.duration_ms)
    course.update(course_id=course_id, teacher_id=teacher_id, changes={}, content=content, at=at)
    return video


def _content(row: Row, *, longest_ms: int = MAX_VIDEO_MS) -> ContentStructure:
    lectures = [
        LecturePart(
            part["title"],
            start_ms=part["start_s"] * 1000,
            end_ms=min(part["end_s"] * 1000, longest_ms),
        )
        for part in row["lectures"]
    ]
    return ContentStructure(lectures=lectures, video_url=row.get("video_url"))


def _description(row: Row) -> str:
    if "source" not in row:
        return f"{row['description']}\n\nMade for this demo; so is its price."
    credit = _CREDITS[row["source"]].format(teacher=row["teacher"])
    made_up = ", ".join(_MADE_UP.get(field, field) for field in row["synthetic"])
    return (
        f"{row['description']}\n\n{credit} Made up for this demo: {made_up}. "
        "Neither source nor teacher set these or endorse the demo."
    )


# --- money and the preview --------------------------------------------------------------------------


def _give_money(user_id: UUID, gateway: PaymentGateway, *, currency: str, at: datetime) -> None:
    if any(top_up.paid_at for top_up in wallet_queries.top_ups(user_id, limit=100, after=None).items):
        return
    wallet.pay_in_test_money(
        user_id=user_id, amount_minor=GIFT_MINOR, currency=currency, gateway=gateway, at=at
    )


def _review(config: Mapping[str, Any], gateway: PaymentGateway, *, at: datetime) -> None:
    """Have some learners watch courses and say what they think of them."""
    students = {learner.email: opinions.account(learner, at=at) for learner in opinions.LEARNERS}
    for student_id in students.values():
        _give_money(student_id, gateway, currency=config["CURRENCY"], at=at)
    opinions.tell(students, Rules.from_config(config), currency=config["CURRENCY"], at=at)


def _use_preview(student_id: UUID, teacher_id: UUID, rules: Rules, *, at: datetime) -> None:
    """Watch the lecture for a second, so that the student's next session on it has a price.

    Only time that the database's clock has seen pass is credited, so this takes that second.
    """
    films = select(Video.course_id).join(Asset, Asset.id == Video.asset_id)
    lecture_id = db.session.scalar(films.where(Asset.owner_id == teacher_id).limit(1))
    if lecture_id is None or rules.preview_ms <= PREVIEW_MS:
        return
    if db.session.get(Preview, (student_id, lecture_id)) is not None:
        return
    try:
        watched = session.start(
            student_id=student_id, course_id=lecture_id, locked_minor=None, rules=rules, at=at
        )
    except (course.CourseNotFound, session.SessionActive, wallet.InsufficientFunds):
        return  # the teacher, or the student, has other plans by now
    time.sleep(PREVIEW_MS / 1000 + 0.1)
    tick = session.RestTick(PREVIEW_MS, PlayState.PLAYING, None, PREVIEW_MS, None)
    session.record_tick(session_id=watched.id, student_id=student_id, tick=tick, rules=rules, at=clock.now())
    session.end(session_id=watched.id, reason="user", rules=rules, at=clock.now())
    session.settle(session_id=watched.id, at=clock.now())
