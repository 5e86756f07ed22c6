"""Named points where a test can make the process die, to prove that a restart heals it."""

import os

FAULT_VARIABLE = "MURPH_FAULT"


def crash_point(label: str) -> None:
    """End the process at once, without any clean-up, when `label` is the fault asked for."""
    if os.environ.get(FAULT_VARIABLE) == label:
        os._exit(99)


def refuse_faults_in_production(environment: str) -> None:
    """Stop a production process that was started with a fault label.

    Raises:
        RuntimeError: when ``MURPH_FAULT`` is set in production.
    """
    if environment == "production" and os.environ.get(FAULT_VARIABLE):
        raise RuntimeError(f"{FAULT_VARIABLE} must not be set in production")
