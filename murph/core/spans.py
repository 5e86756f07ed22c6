"""What took how long, for whoever wants to draw it: nobody, unless the application names somebody."""

from collections.abc import Callable, Mapping

Recorder = Callable[[str, float, str, Mapping[str, str | int]], None]

_recorder: Recorder | None = None


def record_with(recorder: Recorder | None) -> None:
    """Hand every span to `recorder`: its name, its seconds, whose part it is, and what is known of it."""
    global _recorder
    _recorder = recorder


def record(name: str, took_s: float, *, traceparent: str = "", **about: str | int) -> None:
    """Tell of something that has just ended after `took_s` seconds, as a part of `traceparent` (W3C)."""
    if _recorder is not None:
        _recorder(name, took_s, traceparent, about)
