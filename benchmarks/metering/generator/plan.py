"""What the generator is asked to do."""

from typing import Literal, TypedDict

Mode = Literal["saturated", "paced", "storm", "cut"]


class Target(TypedDict):
    """One player: where it connects, as whom, and which video it plays."""

    path: str
    token: str
    video_id: str


class Plan(TypedDict):
    """Which players, how they play, and for how long at the most.

    ``saturated`` players tick again as soon as the last tick is acknowledged, ``paced`` ones every
    `interval_s`, spread evenly over it. In a ``storm`` all paced players lose their connections at once,
    `rounds` times. ``cut`` ones are saturated until the server is gone.
    """

    mode: Mode
    host: str
    port: int
    targets: list[Target]
    awaits_ready: bool
    warm_up_s: float
    measure_s: float
    interval_s: float
    rounds: int
    max_acks: int
