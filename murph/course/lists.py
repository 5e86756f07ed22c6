"""Lists of courses: what they are narrowed to, how they are sorted, and their pages.

Which filters are given, and by what a list is sorted, makes its statement; each is made once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, bindparam, case, func, or_, select, type_coerce

from murph.core.db import db
from murph.core.ids import parse_id
from murph.core.paging import Order, Page, cut, page_query, page_values
from murph.course.models import PUBLISHED, Category, Course
from murph.course.shown import SUMMARY_COLUMNS, Summary

SORTS = ("relevance", "newest", "rating", "price", "popular")
MAX_SEARCH_WORDS = 8
KEPT = 200
"""Statements that are kept; there could be thousands, were all filters given in all combinations."""


@dataclass(frozen=True)
class Filters:
    """What a list of courses is narrowed to; without `owner_id` it holds published ones only."""

    owner_id: UUID | None = None
    q: str | None = None
    category: str | None = None
    teacher_id: UUID | None = None
    level: str | None = None
    language: str | None = None
    min_price_minor: int | None = None
    max_price_minor: int | None = None
    min_rating: float | None = None


_table, _course, _category = Course.__table__, Course.__mapper__.c, Category.__table__.c


def _contains(text: ColumnElement[str], name: str) -> ColumnElement[bool]:
    return text.icontains(bindparam(name), escape="/")


def _has_word(name: str) -> ColumnElement[bool]:
    tags = type_coerce(_course.tags, String)  # searched as the text it is stored as
    return or_(*(_contains(text, name) for text in (_course.title, _course.description, tags)))


_WORDS = [f"word{n}" for n in range(MAX_SEARCH_WORDS)]
_named = select(_category.id).where(func.lower(_category.name) == bindparam("category_name"))
_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "owner_id": _course.teacher_id == bindparam("owner_id"),
    "category_id": _course.category_id == bindparam("category_id"),
    "category_name": _course.category_id == _named.scalar_subquery(),
    "teacher_id": _course.teacher_id == bindparam("teacher_id"),
    "level": _course.level == bindparam("level"),
    "language": func.lower(_course.language) == bindparam("language"),
    "min_price_minor": _course.price_per_minute_minor >= bindparam("min_price_minor"),
    "max_price_minor": _course.price_per_minute_minor <= bindparam("max_price_minor"),
    "min_rating": _course.rating >= bindparam("min_rating"),
    **{name: _has_word(name) for name in _WORDS},
}
"""By what a list is narrowed; each takes a value of its own name."""

_BY_ID = Order(_course.id, descending=True)
_NEWEST = (Order(_course.published_at, descending=True), _BY_ID)
_FIRST = {
    "relevance": Order(case((_contains(_course.title, "q"), 1), else_=0), descending=True),
    "rating": Order(_course.rating_rank, descending=True),  # what is certain, so that one praise is no lead
    "price": Order(func.coalesce(_course.price_per_minute_minor, 0)),
    "popular": Order(_course.watchers_count, descending=True),
}


def order(sort: str, filters: Filters) -> tuple[Order, ...]:
    """Return the order of a list, the newest first among equals."""
    newest = _NEWEST if filters.owner_id is None else (_BY_ID,)
    is_newest = sort == "newest" or (sort == "relevance" and not filters.q)
    return newest if is_newest else (_FIRST[sort], *newest)


def page(filters: Filters, *, order: tuple[Order, ...], limit: int, after: Sequence[Any] | None) -> Page:
    """Return one page of the courses that pass the filters, with their names and lengths."""
    values = _values(filters)
    query = _page(tuple(values), order, follows=after is not None)
    sought = {"q": _escaped(filters.q or "")}
    rows = db.session.execute(query, values | sought | page_values(limit=limit, after=after)).all()
    found = cut(rows, order=order, limit=limit)
    return Page([Summary(*row[: len(SUMMARY_COLUMNS)]) for row in found.items], found.next_values)


def count(filters: Filters) -> int:
    """Return how many courses pass the filters."""
    values = _values(filters)
    return db.session.scalar(_count(tuple(values)), values) or 0


def _values(filters: Filters) -> dict[str, Any]:
    """Return by which conditions a list is narrowed, each with its value."""
    values = {name: value for name, value in vars(filters).items() if value is not None}
    if "language" in values:
        values["language"] = values["language"].lower()
    if "category" in values:
        id_or_name = values.pop("category")
        category_id = parse_id(id_or_name)
        is_name = category_id is None
        values |= {"category_name": id_or_name.lower()} if is_name else {"category_id": category_id}
    words = values.pop("q", "").split()
    return values | {name: _escaped(word) for name, word in zip(_WORDS, words, strict=False)}


def _escaped(text: str) -> str:
    """Return a text in which LIKE finds no signs of its own."""
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")


@lru_cache(maxsize=KEPT)
def _page(names: tuple[str, ...], order: tuple[Order, ...], *, follows: bool) -> Select[Any]:
    """Return the statement of a page.

    Which courses they are is found out first: together with their names, MariaDB sorted all courses for it.
    """
    found = page_query(_narrowed(select(_course.id), names), order=order, follows=follows).subquery()
    keys = [Order(found.c[f"_key{n}"], entry.descending) for n, entry in enumerate(order)]
    shown = select(*SUMMARY_COLUMNS, *(key.column for key in keys)).order_by(*(key.clause for key in keys))
    return shown.join_from(_table, found, found.c.id == _course.id)


@lru_cache(maxsize=KEPT)
def _count(names: tuple[str, ...]) -> Select[Any]:
    return _narrowed(select(func.count()).select_from(_table), names)


def _narrowed(query: Select[Any], names: tuple[str, ...]) -> Select[Any]:
    offered = [] if "owner_id" in names else [_course.state == PUBLISHED]
    return query.where(*offered, *(_CONDITIONS[name] for name in names))
