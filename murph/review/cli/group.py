"""The group of the commands for reviews."""

from murph.core.cli import CommandGroup

review = CommandGroup("review", help="Reviews: what they weigh, signs of fraud, reports, bonuses.")
