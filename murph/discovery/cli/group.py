"""The command ``flask discovery``, to which each file here adds."""

from murph.core.cli import CommandGroup

discovery = CommandGroup(
    "discovery", help="Search and chat: index anew, measure the ranking, simulate the vendors of models."
)
