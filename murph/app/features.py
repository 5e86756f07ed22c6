"""The list of features: whose routes, sockets, jobs, listeners, commands and checks the application has."""

from flask import Flask

from murph.app import audit, cli, verify
from murph.app.backup import cli as backup_cli
from murph.app.personal import cli as personal_cli
from murph.app.personal import routes as personal_routes
from murph.auth import cli as auth_cli
from murph.auth import jobs as auth_jobs
from murph.auth import routes as auth_routes
from murph.auth import tokens
from murph.core import jobs as core_jobs
from murph.core.http import Blueprint
from murph.course import cli as course_cli
from murph.course import listeners as course_listeners
from murph.course import routes as course_routes
from murph.course.schemas import tell_posters
from murph.delivery import cli as delivery_cli
from murph.delivery import routes as delivery_routes
from murph.demo import cli as demo_cli
from murph.discovery import cli as discovery_cli
from murph.discovery import jobs as discovery_jobs
from murph.discovery import listeners as discovery_listeners
from murph.discovery import routes as discovery_routes
from murph.media import jobs as media_jobs
from murph.review import cli as review_cli
from murph.review import jobs as review_jobs
from murph.review import listeners as review_listeners
from murph.review import routes as review_routes
from murph.session import cli as session_cli
from murph.session import hub as session_hub
from murph.session import jobs as session_jobs
from murph.session import listeners as session_listeners
from murph.session import routes as session_routes
from murph.session import sockets as session_sockets
from murph.teacher import cli as teacher_cli
from murph.teacher import jobs as teacher_jobs
from murph.teacher import listeners as teacher_listeners
from murph.teacher import routes as teacher_routes
from murph.wallet import cli as wallet_cli
from murph.wallet import jobs as wallet_jobs
from murph.wallet import listeners as wallet_listeners
from murph.wallet import routes as wallet_routes
from murph.web import pages

JOBS = (
    core_jobs,
    auth_jobs,
    discovery_jobs,
    media_jobs,
    review_jobs,
    session_jobs,
    teacher_jobs,
    wallet_jobs,
)
"""Modules whose import registers jobs; named here so that every process knows them all."""
LISTENERS = (
    course_listeners,
    wallet_listeners,
    session_listeners,
    review_listeners,
    discovery_listeners,
    teacher_listeners,
)
"""Modules whose import has them listen to what lower features tell."""


def blueprints() -> list[Blueprint]:
    """Return the REST blueprints with their prefixes below ``/api/v1``."""
    return [
        auth_routes.auth,
        auth_routes.users,
        wallet_routes.blp,
        course_routes.categories,
        course_routes.blp,
        delivery_routes.courses,
        delivery_routes.sessions,
        session_routes.blp,
        review_routes.blp,
        review_routes.courses,
        discovery_routes.blp,
        teacher_routes.blp,
        teacher_routes.profiles,
        personal_routes.blp,
    ]


def init_app(app: Flask) -> None:
    """Register what is not a documented REST route: sockets, plain pages, commands."""
    cli.init_app(app)
    tokens.init_app(app)
    session_hub.init_app(app)
    discovery_routes.init_app(app)
    session_sockets.init_app(app)
    app.cli.add_command(session_cli.session)
    app.cli.add_command(auth_cli.user)
    auth_cli.user.add_command(personal_cli.export)
    app.cli.add_command(course_cli.course)
    app.cli.add_command(delivery_cli.media)
    app.cli.add_command(discovery_cli.discovery)
    app.register_blueprint(delivery_routes.media)
    tell_posters(app, delivery_routes.poster_url)
    app.register_blueprint(wallet_routes.sandbox)
    pages.init_app(app)
    app.cli.add_command(teacher_cli.teacher)
    app.cli.add_command(wallet_cli.wallet)
    app.cli.add_command(review_cli.review)
    app.cli.add_command(verify.ledger)
    app.cli.add_command(audit.audit)
    app.cli.add_command(backup_cli.backup)
    app.cli.add_command(demo_cli.demo)
