"""The words of a comment, however they are written."""

import re
import unicodedata
from hashlib import sha256

SAYS_SOMETHING = 20
"""Shorter texts are alike by chance."""


def words(comment: str) -> list[str]:
    """Return the words of a comment whatever their case, form and punctuation, invisible signs left out."""
    visible = (sign for sign in unicodedata.normalize("NFKC", comment) if unicodedata.category(sign) != "Cf")
    return re.findall(r"\w+", "".join(visible).casefold())


def text_hash(comment: str | None) -> str | None:
    """Return the same for every comment of the same words, None where there is not enough to compare."""
    text = " ".join(words(comment or ""))
    return sha256(text.encode()).hexdigest() if len(text) >= SAYS_SOMETHING else None
