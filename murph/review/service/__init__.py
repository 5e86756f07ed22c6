"""The verbs of reviews, one file for each group."""

from murph.review.service.due import note_change

__all__ = ["note_change"]
