"""Players without a picture, as many and as fast as one process can: the load of the benchmark.

A process of its own, so that its work is not counted as the server's. It reads a plan from stdin and
writes one JSON line at each moment that its starter may want to measure something at. Frames are put
together by hand, because a WebSocket library would cost more than the server under test.
"""
