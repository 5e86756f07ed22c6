"""Words that differ by one letter, as typing errors do."""

from collections.abc import Iterator
from string import ascii_lowercase

MIN_LETTERS = 5
"""Shorter words are too near to each other for a guess."""
MAX_LETTERS = 30


def neighbours(word: str) -> Iterator[str]:
    """Return what a word may have been meant to be: a letter missing, doubled, wrong, or two in wrong order.

    The first letter is taken to be right: people rarely mistype it, and other words differ by it.
    """
    if len(word) > MAX_LETTERS:
        return
    for place in range(1, len(word) + 1):
        before, after = word[:place], word[place:]
        for letter in ascii_lowercase:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
