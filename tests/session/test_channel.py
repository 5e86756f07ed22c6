"""What stands in for the WebSocket library must do what the library did."""

import pytest
from gevent import socket
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import TextMessage

from murph.session.channel import Readable, text_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
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


def test_waiting_for_a_socket_ends_with_data_or_with_time() -> None:
    ours, theirs = socket.socketpair()
    readable = Readable()
    readable.register(ours, 1, None)
    assert not readable.select(0.01)
    theirs.send(b"x")
    assert readable.select(5)
    readable.close()
    ours.close()
    theirs.close()
