"""``flask discovery``: how good the ranking is, and vendors to try, for developers and operators."""

from murph.discovery.cli import evaluate, reindex, simulator
from murph.discovery.cli.group import discovery

__all__ = ["discovery", "evaluate", "reindex", "simulator"]
