"""A channel whose peer does not read or does not answer: its thread is held for a moment, not for ever."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from simple_websocket import ConnectionClosed
from wsproto.connection import Connection, ConnectionType
from wsproto.events import Ping, Pong

from murph.session import channel as channels
from murph.session.channel import Channel, Closing


class Upgraded:
    """What the library hands over after the handshake."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.connected = sock, True
        self.ws = SimpleNamespace(connection=Connection(ConnectionType.SERVER))


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The server's end of a TCP connection, and the peer's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = socket.create_connection(listener.getsockname())
        ours, _ = listener.accept()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def open_channel(ends: tuple[socket.socket, socket.socket]) -> Iterator[Callable[[], Channel]]:
    """Return what opens the channel, for tests that first shorten its patience."""
    opened = []

    def open_it() -> Channel:
        opened.append(Channel(Upgraded(ends[0]), charge=lambda: None))
        return opened[0]

    yield open_it
    opened[0].release()


def test_who_does_not_read_is_given_up_when_its_time_is_over(
    open_channel: Callable[[], Channel],
    ends: tuple[socket.socket, socket.socket],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(channels, "SEND_WITHIN_S", 0.2)
    channel, began_s = open_channel(), time.monotonic()
    gone_at_last = threading.Timer(5, ends[1].close)
    gone_at_last.start()
    with pytest.raises(ConnectionClosed):
        channel.send("x" * 20_000_000)
    gone_at_last.cancel()
    assert 0.2 <= time.monotonic() - began_s < 2


def test_who_answers_no_ping_is_given_up_with_the_next(
    open_channel: Callable[[], Channel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "PING_INTERVAL_MS", 50)
    channel = open_channel()
    channel.wait()
    with pytest.raises(Closing) as closing:
        channel.wait()
    assert closing.value.code == 1008


def test_who_answers_pings_is_not_given_up(
    open_channel: Callable[[], Channel],
    ends: tuple[socket.socket, socket.socket],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(channels, "PING_INTERVAL_MS", 50)
    channel, peer = open_channel(), Connection(ConnectionType.CLIENT)
    for _ in range(3):
        channel.wait()
        peer.receive_data(ends[1].recv(100))
        (ping,) = peer.events()
        assert isinstance(ping, Ping)
        ends[1].sendall(peer.send(Pong(payload=ping.payload)))
        channel.wait()
        assert list(channel.messages()) == []
