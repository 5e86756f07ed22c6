import pytest

from murph.core import redaction
from murph.core.redaction import REDACTED, redact, redacted

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLW9mLWl0"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"Authorization: Bearer {JWT}", f"Authorization: Bearer {REDACTED}"),
        (f"a token {JWT} in words", f"a token {REDACTED} in words"),
        ("key sk_live_abcDEF123 refused", f"key {REDACTED} refused"),
        ("the key sk-proj-abcdefgh is wrong", f"the key {REDACTED} is wrong"),
        ("GET /media/WyJhYmMiLDFd.c2lnbmF0dXJl/s/3.ts", f"GET /media/{REDACTED}/s/3.ts"),
        ("mysql+pymysql://murph:hunter22@db/murph", f"mysql+pymysql://{REDACTED}@db/murph"),
        ("mail for ada.l+x@example.org bounced", f"mail for {REDACTED} bounced"),
        ('{"password": "correct horse"}', '{"password": "' + REDACTED + '"}'),
        (
            "https://x.example/?key=AIzaSyA1234567890123456789012&a=1",
            f"https://x.example/?key={REDACTED}&a=1",
        ),
        ("Finternet-Signature: t=1,v1=abcdef0123456789", f"Finternet-Signature: {REDACTED}"),
    ],
)
def test_what_looks_like_a_secret_is_not_logged(text: str, left: str) -> None:
    assert redacted(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "/api/v1/courses/<uuid:course_id>",
        "0190a6de-7c3b-7d2e-9a51-3f6f0c6f2b11",
        "2026-11-21T21:09:15.030585Z",
        "assets/0190a6de7c3b7d2e9a513f6f0c6f2b11/2/9f86d081884c7d659a2feaa0c55ad015.ts",
        "Error 2 connecting to /srv/murph/valkey.sock. No such file or directory.",
        "session.settle_due",
        "/media/<token>/s/<int:number>.ts",
        "the token has expired",
    ],
)
def test_what_people_need_to_read_stays(text: str) -> None:
    assert redacted(text) == text


def test_names_say_what_is_secret_at_any_depth() -> None:
    told = {
        "refresh_token": "abc",
        "headers": {"Cookie": "a=b", "Accept": "x"},
        "rows": [{"api_key": "k", "tokens": 17}],
        "email": "ada",
        "upload_key": "assets/1",
        "idempotency_key": "mine",
    }
    assert redact(told) == {
        "refresh_token": REDACTED,
        "headers": {"Cookie": REDACTED, "Accept": "x"},
        "rows": [{"api_key": REDACTED, "tokens": 17}],
        "email": REDACTED,
        "upload_key": REDACTED,
        "idempotency_key": REDACTED,
    }


def test_the_secrets_of_this_deployment_are_known_by_their_values() -> None:
    redaction.know(["a rather (strange) secret", "short"])
    try:
        assert redacted("it is a rather (strange) secret!") == f"it is {REDACTED}!"
        assert redacted("short things stay") == "short things stay"
    finally:
        redaction.know([])
