"""Texts by strangers, teachers and models alike, made into one line that can be seen and does nothing."""

import html
import re
import unicodedata

_LEFT_OUT = {"Cc", "Cf", "Cs", "Co", "Cn"}
_JOINERS = "\u200c\u200d"
"""Invisible, but some scripts and emoji are wrong without them."""
_ELLIPSIS = "…"
_RAW_PER_SHOWN = 4
"""How much longer than shown a text may be before its end is not even looked at."""

_STACKED_MARKS = re.compile(r"([\u0300-\u036f]{3})[\u0300-\u036f]+")
_TAG = re.compile(r"<[^<>]*>")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_SITES = "com|org|net|info|biz|xyz|io|ly|gg|co|me|ru|cn|top|click|shop|site|online|link|app|dev|live"
_ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.-]{0,20}://\S*"
    r"|\b(?:javascript|vbscript|mailto|tel):\S*"
    r"|\bdata:[a-z]+/\S*"
    r"|\bwww\.\S+"
    r"|[^\s@]{1,64}@[^\s@]{1,253}\.[a-z]{2,24}"
    rf"|\b(?:[a-z0-9-]{{1,63}}\.){{1,8}}(?:{_SITES})(?::\d+)?/\S*"
    r"|\b(?:[a-z0-9-]{1,63}\.){1,8}(?:com|org|info|biz|xyz|ru|top|click|shop|site|online|link|live)\b",
    re.IGNORECASE,
)
_E_MAIL = re.compile(r"[^\s@<>\"',;:()]{1,64}@[^\s@<>\"',;:()]{1,253}")


def visible(text: str, *, limit: int) -> str:
    """Return at most `limit` characters of `text` in one line, without what controls and is not seen."""
    text = unicodedata.normalize("NFC", text[: limit * _RAW_PER_SHOWN])
    seen = "".join(map(_seen, text))
    line = " ".join(_STACKED_MARKS.sub(r"\1", seen).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + _ELLIPSIS


def plain(text: str, *, limit: int, gap: str = "") -> str:
    """Return what `visible` does, and without markup and addresses; where one was is a `gap`, of one sign."""
    text = visible(text, limit=limit * _RAW_PER_SHOWN)
    before = None
    while before != text:  # what is left may form another; every round makes it shorter
        before = text
        text = _ADDRESS.sub(gap, _LINK.sub(rf"\1{gap}", _TAG.sub("", html.unescape(text))))
        text = visible(text, limit=len(text) or 1)
    return visible(re.sub("[<>]", "", text), limit=limit)


def without_e_mail(text: str) -> str:
    """Return `text` without the e-mail addresses that somebody wrote into it."""
    return _E_MAIL.sub("[e-mail]", text)


def _seen(character: str) -> str:
    if character.isspace():
        return " "
    code = ord(character)
    # Variation selectors and tags up there are drawn as nothing, and can spell out whole sentences.
    if 0xE0000 <= code <= 0xE0FFF:
        return ""
    if character in _JOINERS:
        return character
    return "" if unicodedata.category(character) in _LEFT_OUT else character
