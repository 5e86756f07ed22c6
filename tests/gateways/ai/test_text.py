"""Texts by strangers, cut down to what can be seen."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from murph.gateways.ai.text import plain, visible, without_e_mail


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a <b>bold</b> word", "a bold word"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("a &lt;b&gt; c", "a c"),
        ("a &amp;lt;b&amp;gt; c", "a c"),
        ("1 < 2 > 0", "1 0"),
        ("a < b", "a b"),
        ("<scr<script>ipt>x", "x"),
        ("[a course](https://evil.example/x)", "a course"),
        ("![](http://evil.example/p.png) x", "x"),
        ("go to https://evil.example/x?y now", "go to now"),
        ("htt<b>ps://evil.example", ""),
        ("www.evil.com", ""),
        ("evil.com/pay and evil.com", "and"),
        ("JavaScript:alert(1)", ""),
        ("mail me@evil.example", "mail"),
        ("Node.js, ASP.NET, C# and and/or", "Node.js, ASP.NET, C# and and/or"),
        ("TCP/IP: a 5.5 hour course", "TCP/IP: a 5.5 hour course"),
        ("x\u202ey\u200bz\x00\x1b", "xyz"),
        ("नमस्ते", "नमस्ते"),
        ("👩\u200d💻", "👩\u200d💻"),
        (" a\n\tb\u00a0c\u2028d ", "a b c d"),
        ("a" + "\u0301" * 50, "\u00e1" + "\u0301" * 3),
    ],
)
def test_what_is_left_of_a_text(text: str, left: str) -> None:
    assert plain(text, limit=200) == left


@given(st.text(max_size=500), st.integers(1, 200))
def test_what_is_left_is_short_seen_and_stays_so(text: str, limit: int) -> None:
    left = plain(text, limit=limit)
    assert len(left) <= limit
    assert not {"<", ">", "\n", "\x00"} & set(left)
    assert not {unicodedata.category(sign) for sign in left} & {"Cc", "Cs", "Co", "Cn"}
    assert visible(left, limit=limit) == left


@given(st.text(alphabet="<>[]()&;:/.@ahtps!\u202e", max_size=200))
def test_no_link_or_tag_comes_out_however_it_was_nested(text: str) -> None:
    left = plain(text, limit=1000)
    assert "://" not in left or not left.partition("://")[0][-1:].isalpha()
    assert not {"<", ">"} & set(left)


@pytest.mark.parametrize(
    "unit", ["<", "[", "![](", "&amp;", "a.", "a@", "http", "htt<b>p", "<a", "(", "á", "a:"]
)
def test_a_long_text_takes_no_longer_for_being_evil(unit: str) -> None:
    started = time.perf_counter()
    plain(unit * 100_000, limit=600)
    without_e_mail(unit * 1_000)
    assert time.perf_counter() - started < 1


def test_addresses_are_taken_out_of_what_people_say() -> None:
    assert without_e_mail("I am ada@example.org, ok?") == "I am [e-mail], ok?"
