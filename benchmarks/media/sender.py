"""Sends a large upload as fast as it is taken, without ever having it in memory: a process of its own."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import TypedDict

LONGEST_S = 300
CHUNK_BYTES = 1024 * 1024
_BOUNDARY = "an-upload-to-measure"


class Plan(TypedDict):
    """Where to, how much, and as whom: with a token it is a form, without one the bytes alone."""

    port: int
    path: str
    megabytes: int
    token: str | None


def _run(plan: Plan) -> dict[str, float]:
    head, tail = _form() if plan["token"] else (b"", b"")
    headers = {"Content-Length": str(len(head) + plan["megabytes"] * CHUNK_BYTES + len(tail))}
    if plan["token"]:
        headers["Authorization"] = f"Bearer {plan['token']}"
        headers["Content-Type"] = f"multipart/form-data; boundary={_BOUNDARY}"
    connection = HTTPConnection("127.0.0.1", plan["port"], timeout=LONGEST_S)
    cpu_began_s, began_s = time.process_time(), time.perf_counter()
    connection.request("POST", plan["path"], _parts(head, plan["megabytes"], tail), headers)
    sent_s = time.perf_counter() - began_s
    answer = connection.getresponse()
    body, seconds = answer.read(), time.perf_counter() - began_s
    if answer.status not in (200, 202):
        raise SystemExit(f"{answer.status} {body.decode(errors='replace')}")
    return {
        "mb_per_s": plan["megabytes"] * CHUNK_BYTES / seconds / 1e6,
        "seconds": seconds,
        "answered_after_s": seconds - sent_s,
        "client_cpu": (time.process_time() - cpu_began_s) / seconds,
    }


def _form() -> tuple[bytes, bytes]:
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n'
        "Content-Type: video/mp4\r\n\r\n"
    )
    return head.encode(), f"\r\n--{_BOUNDARY}--\r\n".encode()


def _parts(head: bytes, megabytes: int, tail: bytes) -> Iterator[bytes]:
    """Yield the body; its bytes are random, and no megabyte is like another."""
    noise = os.urandom(CHUNK_BYTES - 8)
    yield head
    for number in range(megabytes):
        yield number.to_bytes(8, "big") + noise
    yield tail


if __name__ == "__main__":
    signal.alarm(LONGEST_S)
    print(json.dumps(_run(json.load(sys.stdin))))
