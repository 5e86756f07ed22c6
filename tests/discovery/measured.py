"""The development questions with the index they are asked of, built once for all tests of a process."""

from functools import cache

from murph.discovery.engine.index import Index
from murph.discovery.evaluation import catalogues
from murph.discovery.evaluation.catalogues import QuestionSet
from murph.discovery.evaluation.measuring import scratch_index


@cache
def index_of(chosen: QuestionSet) -> Index:
    """Return an index of what can be found, which nobody may change."""
    return scratch_index(catalogues.documents(chosen.catalogues))
