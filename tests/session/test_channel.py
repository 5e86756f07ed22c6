"""What is done here instead of in the WebSocket library must be what the library does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import BytesMessage, Ping, TextMessage

from murph.session.frames import FrameTooLong, end_of_whole, only_text, text_frame

SIZES = [0, 1, 3, 4, 125, 126, 4_000, 65_535]


def sent_by_client(*events: TextMessage | BytesMessage | Ping) -> bytes:
    """Return what a client's library makes of some events, masked with keys of its choice."""
    client = Connection(ConnectionType.CLIENT)
    return b"".join(bytes(client.send(event)) for event in events)


@pytest.mark.parametrize("size", [*SIZES, 65_536])
def test_a_client_reads_a_text_of_any_length(size: int) -> None:
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(text_frame("x" * size))
    (message,) = client.events()
    assert message == TextMessage(data="x" * size, message_finished=True)


def test_a_client_reads_letters_of_every_script() -> None:
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(text_frame("Žofie 学 🎓"))
    assert [event.data for event in client.events() if isinstance(event, TextMessage)] == ["Žofie 学 🎓"]
    assert client.state is ConnectionState.OPEN


@pytest.mark.parametrize("size", SIZES)
def test_a_clients_text_of_any_length_is_read(size: int) -> None:
    text = "x" * size
    assert only_text(sent_by_client(TextMessage(data=text))) == text.encode()


@given(st.text(max_size=300))
def test_whatever_a_client_writes_is_read(text: str) -> None:
    assert only_text(sent_by_client(TextMessage(data=text))) == text.encode()


TEXT = sent_by_client(TextMessage(data="x" * 200))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        TEXT[:1],
        TEXT[:5],
        TEXT[:-1],
        TEXT + b"\x81",
        TEXT + TEXT,
        sent_by_client(TextMessage(data="x", message_finished=False)),
        sent_by_client(BytesMessage(data=b"x")),
        sent_by_client(Ping(payload=b"x")),
        text_frame("not masked"),
        bytes([0xC1]) + TEXT[1:],
        b"\x81\xfe\0\x05" + b"\0" * 4 + b"short",
        b"\x81\xff" + (5).to_bytes(8, "big") + b"\0" * 4 + b"short",
    ],
    ids=[
        "nothing", "one byte", "a part of the head", "not whole", "a byte of the next", "two",
        "a fragment", "binary", "a ping", "not masked", "a reserved bit", "two bytes for a short length",
        "eight bytes for a short length",
    ],
)  # fmt: skip
def test_all_else_is_left_to_the_library(data: bytes) -> None:
    assert only_text(data) is None


@given(st.lists(st.sampled_from([TEXT, sent_by_client(Ping(payload=b"hi")), text_frame("y" * 9)])), st.data())
def test_whole_frames_end_where_the_last_one_ends(frames: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(frames)
    part = TEXT[: data.draw(st.integers(0, len(TEXT) - 1))]
    assert end_of_whole(whole + part, longest=1_000) == len(whole)


@pytest.mark.parametrize("size", [995, 65_536, 2**63])
def test_a_frame_that_says_it_is_too_long_is_not_waited_for(size: int) -> None:
    head = b"\x81\xfe" + size.to_bytes(2, "big") if size < 2**16 else b"\x81\xff" + size.to_bytes(8, "big")
    with pytest.raises(FrameTooLong):
        end_of_whole(TEXT + head, longest=1_000)
