"""What stands in for a model: it picks among the courses that it finds in the question."""

import json
import unicodedata
from dataclasses import dataclass
from typing import Any

from murph.gateways.ai.simulators.behaviour import Vendor

UNKNOWN = "00000000-0000-7000-8000-000000000000"
CHARACTERS_PER_TOKEN = 4
ORDER_LENGTH = 16
"""Of how many characters in a row an order must have arrived for a gullible model to obey it."""


@dataclass(frozen=True)
class Said:
    """A model's answer, and how it came to an end: "whole", "cut off" or "refused"."""

    text: str
    end: str
    sent_tokens: int

    @property
    def received_tokens(self) -> int:
        """What the vendor counts for the answer."""
        return max(1, len(self.text) // CHARACTERS_PER_TOKEN)

    @property
    def parts(self) -> list[str]:
        """The text as it is streamed."""
        return [self.text[start : start + 20] for start in range(0, len(self.text), 20)]


def say(vendor: Vendor, texts: list[str]) -> Said:
    """Answer the last of the texts that were sent, in the way the vendor was told to."""
    sent = sum(map(len, texts)) // CHARACTERS_PER_TOKEN
    if vendor.behaviour == "refusal":
        return Said("I'm sorry, but I can't help with that.", "refused", sent)
    text = _text(vendor, _courses(texts[-1]))
    if vendor.behaviour == "truncated":
        return Said(text[: len(text) // 2], "cut off", sent)
    return Said(text, "whole", sent)


def _text(vendor: Vendor, courses: list[dict[str, Any]]) -> str:
    if vendor.behaviour == "verbatim":
        return vendor.text
    if vendor.behaviour == "garbled":
        return "Sure! Here are some courses: 1. Something"
    if vendor.behaviour == "another_form":
        return json.dumps({"courses": [course["course_id"] for course in courses]})
    picked = [courses[place] for place in (1, 0, 2) if place < len(courses)]
    if vendor.behaviour == "gullible":
        picked = [course for course in courses if _obeys(course, vendor.text)] or courses[:3]
    picks = [{"course_id": course["course_id"], "reason": _reason(course)} for course in picked]
    if vendor.behaviour == "unknown_ids":
        picks = [
            {"course_id": UNKNOWN, "reason": "It is the best."},
            {"course_id": "7", "reason": "x"},
            *picks,
        ]
    answer = {
        "reply": "These courses fit your question." if picks else "None of the courses fits.",
        "picks": picks,
        "followups": ["Which one is for beginners?", "Is there a shorter one?"],
    }
    return json.dumps(answer, ensure_ascii=False)


def _obeys(course: dict[str, Any], order: str) -> bool:
    """Tell whether enough of an order is in what was sent of a course."""
    sent = _folded(json.dumps(course, ensure_ascii=False))
    order = _folded(order)
    starts = range(max(1, len(order) - ORDER_LENGTH + 1))
    return any(order[start : start + ORDER_LENGTH] in sent for start in starts)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _reason(course: dict[str, Any]) -> str:
    return f"It teaches what you ask about, in the category {course.get('category', 'of your question')}."


def _courses(text: str) -> list[dict[str, Any]]:
    try:
        document = json.loads(text)
    except ValueError:
        return []
    courses = document.get("courses") if isinstance(document, dict) else None
    return courses if isinstance(courses, list) else []
