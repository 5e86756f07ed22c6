"""What stands in for a model of meaning: it counts words, and knows a few that mean the same."""

import re
from zlib import crc32

DIMENSIONS = 256
"""What requests have to ask for: the simulated models give no others."""
SAME = {
    "automobile": "car",
    "vehicle": "car",
    "auto": "car",
    "mend": "repair",
    "fix": "repair",
    "maintenance": "repair",
    "cooking": "cuisine",
    "kitchen": "cuisine",
}
_WORD = re.compile(r"[^\W\d_]{3,}")


def vector(text: str) -> list[float]:
    """Return the vector of a text; texts with the same words, or words that mean the same, are near."""
    numbers = [0.0] * DIMENSIONS
    for word in _WORD.findall(text.casefold()):
        numbers[crc32(SAME.get(word, word).encode()) % DIMENSIONS] += 1.0
    # A text without words points somewhere too.
    return numbers if any(numbers) else [1.0, *numbers[1:]]
