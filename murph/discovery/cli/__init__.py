"""``flask discovery``: how good the ranking is, for developers and operators."""

from murph.discovery.cli import evaluate
from murph.discovery.cli.group import discovery

__all__ = ["discovery", "evaluate"]
