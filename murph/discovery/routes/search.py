"""Search, and completing what is being typed."""

from typing import Any

from murph.auth import guards
from murph.core import clock
from murph.discovery.fitting import Wanted
from murph.discovery.routes.blueprint import blp, index
from murph.discovery.schemas import SearchOut, SearchQuery, SuggestOut, SuggestQuery
from murph.discovery.service import candidates
from murph.discovery.service import search as searching
from murph.discovery.service.search import Taste
from murph.discovery.service.taste import taste_of
from murph.gateways import ai


@blp.route("/search", methods=["GET"])
@guards.public
@blp.arguments(SearchQuery, location="query")
@blp.response(200, SearchOut)
@blp.raises(*guards.REFUSALS)
def search(query: dict[str, Any]) -> dict[str, Any]:
    """Find courses by words of title, tags, category, description, lectures, captions or teacher."""
    words, limit, min_rating = query.pop("q"), query.pop("limit"), query.pop("min_rating")
    level, language = query.pop("level", None), query.pop("language", None)
    caller, is_personal = guards.maybe_current(), query.pop("personal")
    results = searching.search(
        index=index(),
        query=words,
        wanted=Wanted(levels=_some(level), languages=_some(language), **query),
        taste=taste_of(caller.user_id) if caller and is_personal else Taste(),
        meanings=ai.meanings(),
        min_rating=min_rating,
        limit=limit,
        at=clock.now(),
    )
    return {"items": candidates.offered(results.found)}


def _some(wish: str | None) -> tuple[str, ...]:
    return (wish,) if wish else ()


@blp.route("/suggest", methods=["GET"])
@guards.public
@blp.arguments(SuggestQuery, location="query")
@blp.response(200, SuggestOut)
def suggest(query: dict[str, Any]) -> dict[str, Any]:
    """Complete what is being typed."""
    with index().up_to_date() as live:
        return {"items": live.completions.complete(query["q"], limit=query["limit"])}
