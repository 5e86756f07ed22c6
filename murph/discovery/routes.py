"""``/discovery``: search and type-ahead."""

from typing import Any

from flask import Flask, current_app

from murph.auth import guards
from murph.core import clock
from murph.core.http import Blueprint
from murph.discovery.fitting import Wanted
from murph.discovery.live import LiveIndex
from murph.discovery.reasons import reason
from murph.discovery.schemas import SearchOut, SearchQuery, SuggestOut, SuggestQuery
from murph.discovery.service import search as searching
from murph.discovery.service.search import Found, Taste
from murph.discovery.service.taste import taste_of

blp = Blueprint("discovery", __name__, url_prefix="/discovery", description="Finding the right course")


def init_app(app: Flask) -> None:
    """Give this process its index."""
    app.extensions["murph_index"] = LiveIndex()


@blp.route("/search", methods=["GET"])
@guards.public
@blp.arguments(SearchQuery, location="query")
@blp.response(200, SearchOut)
@blp.raises(*guards.REFUSALS)
def search(query: dict[str, Any]) -> dict[str, Any]:
    """Find courses by words of title, tags, category, description, lectures, captions or teacher."""
    words, limit, min_rating = query.pop("q"), query.pop("limit"), query.pop("min_rating")
    caller, is_personal = guards.maybe_current(), query.pop("personal")
    found = searching.search(
        index=_index(),
        query=words,
        wanted=Wanted(**query),
        taste=taste_of(caller.user_id) if caller and is_personal else Taste(),
        min_rating=min_rating,
        limit=limit,
        at=clock.now(),
    )
    return {"items": [shown(one) for one in found]}


@blp.route("/suggest", methods=["GET"])
@guards.public
@blp.arguments(SuggestQuery, location="query")
@blp.response(200, SuggestOut)
def suggest(query: dict[str, Any]) -> dict[str, Any]:
    """Complete what is being typed."""
    with _index().up_to_date() as live:
        return {"items": live.completions.complete(query["q"], limit=query["limit"])}


def shown(found: Found) -> dict[str, Any]:
    """Return a course as it is suggested."""
    return vars(found) | {"reason": reason(found)}


def _index() -> LiveIndex:
    index: LiveIndex = current_app.extensions["murph_index"]
    return index
