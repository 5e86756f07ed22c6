"""Frames that are fragmented, malformed or too many: each socket answers for its own, nobody else notices."""

import socket
import time
from uuid import uuid4

import pytest

from tests.attacks.books import used_ms
from tests.attacks.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    connect,
    raw_frame,
    raw_handshake,
)
from tests.support.house import House
from tests.support.people import Student, course_at
from tests.support.player import Player, wait_for_moment

ASK = b'{"type":"ping"}'
TICK = '{"type":"tick","seq":1,"played_ms":0,"state":"playing","x":"Žofie 学 🎓"}'.encode()


@pytest.fixture
def stranger(house: House) -> Player:
    """A socket of somebody who has not said who it is: its frames are read like everybody's."""
    return Player(f"{house.url.replace('http', 'ws', 1)}/ws/session/{uuid4()}")


@pytest.fixture
def player(house: House) -> Player:
    """The player of somebody who watches."""
    student = Student(house.url)
    return student.play(student.start(course_at(house.url)))


NO_FRAMES = {
    "a reserved bit": (raw_frame(TEXT, ASK, reserved=0b010), 1002),
    "the bit of compression, which was not agreed": (raw_frame(TEXT, ASK, reserved=0b100), 1002),
    "no mask": (raw_frame(TEXT, ASK, is_masked=False), 1002),
    "an unknown opcode": (raw_frame(3, ASK), 1002),
    "an unknown control opcode": (raw_frame(11), 1002),
    "a ping in fragments": (raw_frame(PING, is_last=False), 1002),
    "a ping of 126 bytes": (raw_frame(PING, b"x" * 126), 1002),
    "a close of 126 bytes": (raw_frame(CLOSE, b"\x03\xe8" + b"x" * 124), 1002),
    "a short length in three bytes": (raw_frame(TEXT, b"x" * 9, size=b"\x7e\0\x09"), 1002),
    "a short length in nine bytes": (raw_frame(TEXT, b"x" * 9, size=b"\x7f" + bytes(7) + b"\x09"), 1002),
    "a negative length": (raw_frame(TEXT, ASK, size=b"\x7f\xff" + bytes(7)), 1009),
    "a length beyond anything": (raw_frame(TEXT, ASK, size=b"\x7f\x40" + bytes(7)), 1009),
    "a continuation of nothing": (raw_frame(CONTINUATION, ASK), 1002),
    "a message inside another": (raw_frame(TEXT, b"{", is_last=False) + raw_frame(TEXT, ASK), 1002),
    "a close of one byte": (raw_frame(CLOSE, b"\x03"), 1002),
    "a close with a code too low": (raw_frame(CLOSE, (999).to_bytes(2, "big")), 1002),
    "a close with a code too high": (raw_frame(CLOSE, (5000).to_bytes(2, "big")), 1002),
    "a close with a code that is never sent": (raw_frame(CLOSE, (1006).to_bytes(2, "big")), 1002),
    "a close with a reason that is no text": (raw_frame(CLOSE, b"\x03\xe8\xff"), 1007),
    "a text that is none": (raw_frame(TEXT, b'{"type":"\xff"}'), 1007),
    "a text that breaks off within a letter": (raw_frame(TEXT, b'{"type":"\xc3'), 1007),
    "a second request": (raw_handshake("ws://murph/healthz"), 1002),
    "a binary message": (raw_frame(BINARY, ASK), 4400),
    "an empty message": (raw_frame(TEXT), 4400),
}


@pytest.mark.parametrize(("sent", "code"), NO_FRAMES.values(), ids=NO_FRAMES.keys())
def test_what_is_no_message_closes_its_own_socket_with_the_code_that_says_why(
    stranger: Player, sent: bytes, code: int
) -> None:
    stranger.send_raw(sent)
    assert stranger.closed() == code


def test_fragments_with_a_ping_among_them_are_one_message(player: Player) -> None:
    cut = TICK.index("学".encode()) + 1  # within a letter
    player.send_raw(
        raw_frame(TEXT, TICK[:cut], is_last=False)
        + raw_frame(PING, b"are you there?")
        + raw_frame(CONTINUATION, b"", is_last=False)
        + raw_frame(CONTINUATION, TICK[cut:])
    )
    assert player.expect("ack")["seq"] == 1
    assert player.pongs == [b"are you there?"]


def test_a_frame_that_arrives_byte_by_byte_is_heard(player: Player) -> None:
    for byte in raw_frame(TEXT, ASK):
        player.send_raw(bytes((byte,)))
    assert player.receive() == {"type": "pong"}


def test_a_message_may_be_a_kibibyte_in_all_its_fragments_and_no_more(player: Player) -> None:
    filled = ASK[:-1] + b',"x":"' + b"x" * (1_024 - len(ASK) - 7) + b'"}'
    assert len(filled) == 1_024
    player.send_raw(raw_frame(TEXT, filled[:500], is_last=False) + raw_frame(CONTINUATION, filled[500:]))
    assert player.receive() == {"type": "pong"}
    player.send_raw(raw_frame(TEXT, filled, is_last=False) + raw_frame(CONTINUATION, b" "))
    assert player.closed() == 1009


def test_a_message_whose_end_never_comes_is_1009_as_soon_as_it_is_too_long(stranger: Player) -> None:
    stranger.send_raw(raw_frame(TEXT, b"{", is_last=False))
    stranger.send_raw(raw_frame(CONTINUATION, b"x" * 500, is_last=False) * 3)
    assert stranger.closed() == 1009


FLOODS = {
    "pings": raw_frame(PING, b"x" * 125),
    "pongs": raw_frame(PONG),
    "fragments of nothing": raw_frame(CONTINUATION, is_last=False),
}


def test_a_flood_of_frames_that_are_no_messages_is_4429_and_nobody_else_notices(
    house: House, player: Player
) -> None:
    for frame in FLOODS.values():
        stranger = Player(f"{house.url.replace('http', 'ws', 1)}/ws/session/{uuid4()}")
        stranger.send_raw(raw_frame(TEXT, b"{", is_last=False) + frame * 20_000)
        asked_s = time.monotonic()
        assert player.acked(player.tick())
        assert time.monotonic() - asked_s < 3
        assert stranger.closed() == 4429
        assert len(stranger.pongs) <= 8


def test_a_few_control_frames_at_a_time_are_fine(player: Player) -> None:
    few = b"".join(frame * 2 for frame in FLOODS.values())
    player.send_raw(raw_frame(TEXT, b"", is_last=False) + few + raw_frame(CONTINUATION, ASK))
    assert player.receive() == {"type": "pong"}


def test_a_close_is_answered_with_its_code_and_nothing_after_it_is_heard(player: Player) -> None:
    player.send_raw(raw_frame(CLOSE, (3_007).to_bytes(2, "big") + b"enough") + raw_frame(TEXT, TICK))
    assert player.closed() == 3_007
    assert player.acks == []


def test_a_close_without_a_code_is_answered_without_one(stranger: Player) -> None:
    stranger.send_raw(raw_frame(CLOSE))
    assert stranger.closed() == 1005


def test_what_is_said_after_the_servers_close_counts_for_nothing(house: House) -> None:
    stan = Student(house.url)
    session = stan.start(course_at(house.url))
    late = b'{"type":"tick","seq":%d,"played_ms":%d,"state":"playing"}'
    with connect(session["ws_url"]) as peer:
        bearer = f"Authorization: Bearer {stan.token}"
        peer.sendall(raw_handshake(session["ws_url"], lines=[bearer]))
        read_until(peer, b'"ready"')
        peer.sendall(raw_frame(TEXT, late % (1, 0)))
        read_until(peer, b'"ack"')
        wait_for_moment(time.monotonic() + 0.3)
        peer.sendall(raw_frame(BINARY, ASK))
        read_until(peer, b"bad_message")
        peer.sendall(raw_frame(TEXT, late % (2, 300)))  # and no answer to the close
        assert b'"ack"' not in read_until(peer, None)
    assert used_ms(house, session) < 100


def read_until(peer: socket.socket, words: bytes | None) -> bytes:
    """Return what arrives up to these words, or up to the end."""
    heard = b""
    while (words is None or words not in heard) and (chunk := peer.recv(65_536)):
        heard += chunk
    return heard
