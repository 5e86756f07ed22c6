"""The simulator answers as the gateway's own server did: status, keys, types and states."""

import sys
from collections.abc import Callable
from pathlib import Path

from tests.gateways.recordings import Replay, compared, recorded
from tests.support.simulator import running_simulator

EXCUSED: dict[str, str] = {}
"""Labels of pairs that may differ, each with the reason."""


def test_every_recorded_answer_is_given_again(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    pairs = recorded()
    with running_simulator(tmp_path) as simulator:
        replay = Replay(simulator)
        wrong = {pair.label: found for pair in pairs if (found := replay.differences(pair))}
    count = f"{len(pairs)} pairs replayed, {len(pairs) - len(wrong)} matching"
    record_property("conformance", count)
    sys.stdout.write(f"conformance: {count}\n")
    assert len(pairs) == 211
    unexcused = [f"{label}: {found}" for label, found in wrong.items() if label not in EXCUSED]
    assert not unexcused, "\n".join(unexcused)


def test_the_comparison_sees_keys_types_and_states() -> None:
    then = {"status": "SETTLED", "data": {"amount": "1", "phases": [{"phase": "A"}]}}
    assert compared(then, then) == []
    assert compared(then, {"status": "SETTLED"})
    assert compared(then, {**then, "status": "SUCCEEDED"})
    assert compared(then, {**then, "data": {"amount": 1, "phases": [{"phase": "A"}]}})
    assert compared(then, {**then, "data": {"amount": "1", "phases": []}})
    assert compared(then, {**then, "data": {"amount": "1", "phases": [{"phase": "A", "at": 1}]}})
