"""Keeping orders to whoever ranks courses out of the texts that describe them.

No list of phrases finds every order, in every language. So descriptions lose their sentences altogether, and
the list is for titles, which have to stay as they are.
"""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

_MACHINE = (
    r"(?:(?:ai|language|large language|recommender|ranking|search) (?:assistants?|models?|systems?|engines?|"
    r"algorithms?)|assistants?|models?|llms?|chat ?bots?|bots?|ais?|gpt|claude|gemini|recommender|ranker)"
)
_RULES = r"(?:instructions?|prompts?|rules?|guidelines?|directives?|guardrails?|orders?)"
_PUT = r"(?:rank|recommend|pick|choose|list|put|place|select|suggest|promote|return|rate|prioriti[sz]e|boost)"
_THIS = r"(?:this|my|our|the present) (?:\w+ )?(?:course|tutorial|class|one|lesson|video)|this|me|us"
_PLACE = (
    r"(?:first|top|number one|no\.? ?1|#1|highest|above (?:all|every|the (?:other|rest))|always|"
    r"before (?:all|every|any|the (?:other|rest))|at the (?:top|beginning|head)|over (?:all|any|every))"
)

_ORDERS = (
    # Somebody else's rules are to be put away, or there are others.
    rf"\b(?:ignore|disregard|forget|override|overrule|bypass|discard|violate)\b.{{0,40}}\b(?:{_RULES}|above|"
    rf"previous|prior|earlier)\b",
    rf"\b(?:new|updated|real|actual|hidden|secret|system|developer|admin|following) {_RULES}\b ?(?::|for "
    rf"you|apply|follow)",
    r"\bsystem ?(?:message|prompt|override|notice|update)\b|\bsystem ?:",
    # A machine is spoken to.
    rf"\b(?:dear|hey|hello|hi|attention|note (?:to|for)|message (?:to|for)|if you are)[,:]? (?:an? |the |"
    rf"all |any )?{_MACHINE}\b",
    rf"\b(?:an? |the |all |any |every ){_MACHINE}\b.{{0,30}}\b(?:must|should|shall|has to|have to) (?:\w+ "
    rf")?{_PUT}\b",
    r"\byou are (?:now |from now on )?(?:an? |the |my )?(?:\w+ ){0,2}(?:assistant|language model|ai|llm|"
    r"chat ?bot|bot)\b",
    rf"\byou (?:must|should|have to|shall|are (?:required|obliged|told) to|will) (?:always |only |now "
    rf")?(?:{_PUT}|say|reply|answer|claim)\b",
    r"\byour (?:task|job|answer|reply|output|response|ranking|picks?|system prompt)\b",
    # Places are asked for.
    rf"\b{_PUT}\b (?:\w+ ){{0,2}}(?:{_THIS})\b.{{0,50}}(?:{_PLACE})",
    rf"\b(?:always|only|must|should|please|now) {_PUT} (?:{_THIS})\b",
    rf"\b(?:{_THIS}) (?:must|should|shall|has to|needs to) (?:always )?(?:be |come |rank |appear )(?:\w+ "
    rf")?(?:{_PLACE}|{_PUT}e?d)",
    r"\b(?:do not|don't|never|avoid) (?:\w+ )?(?:recommend|suggest|pick|list|mention|rank)\w* (?:the "
    r")?(?:other|another|any|anything|else|competing|rival)",
    rf"\b{_PUT} no(?:ne| other)\b|\bother courses (?:here |listed )?(?:are|have been|should|must)\b",
    # The words and signs of our own messages, and of those that models are trained on.
    r"\bcourse_ids?\b|[\"'](?:picks|followups|course_id|reply)[\"']",
    r"<\|?/?(?:im_|system|user|assistant|inst|s>|end|courses)|\[/?(?:inst|system|sys)\b|### ?(?:system|"
    r"instruction)",
    r"(?:^|[.!?] ?)(?:assistant|user|developer) ?:",
    r"\bend of (?:the )?(?:courses|course list|course data|user input|document|system)\b",
)
_ANY = re.compile("|".join(f"(?:{pattern})" for pattern in _ORDERS))
_WORD = re.compile(r"[^\W_]+(?:[+#]+|(?:[.'’-][^\W_]+)*)")
_LONGEST = 24
"""More letters are hardly a word, and may be another text in disguise."""
_WITHOUT_SPACES = "\u0e00"
_NO_CONTENT = frozenset(Path(__file__).with_name("no_content.txt").read_text().split())
"""They say nothing about a subject, and together they may say what to do."""
_DISGUISES = str.maketrans("0134578@$", "oieastbas")


def reads_like_orders(text: str) -> bool:
    """Tell whether `text` talks to a machine, or asks for a place in an answer."""
    read = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return any(_ANY.search(each) for each in (read, read.translate(_DISGUISES)))


def without_sentences(texts: Iterable[str], *, limit: int) -> list[str]:
    """Return the first `limit` words of content of these texts in alphabetical order, each once."""
    found = {
        piece: None
        for text in texts
        for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
        for piece in _pieces(word)
        if piece not in _NO_CONTENT
    }
    return sorted(list(found)[:limit])


def _pieces(word: str) -> list[str]:
    """Return what is no sentence by itself: some scripts write whole ones without a space."""
    if max(word) >= _WITHOUT_SPACES:
        return [word[start : start + 2] for start in range(0, len(word), 2)]
    return [word] if len(word) <= _LONGEST else []
