"""The vendors' ways to fail, under the port's names.

Nothing that a vendor or its library wrote is passed on: it may quote a key, or what a student asked.
"""

from murph.gateways.ai.port import KeyRefused, ProviderAway, ProviderFailed, ProviderRefused


def by_status(status: int) -> ProviderFailed:
    """Return what an HTTP status means for whoever asked."""
    reason = f"status {status}"
    if status in (401, 403, 404):  # all vendors answer 404 when they have no model of this name
        return KeyRefused(reason)
    if status in (400, 413, 422):
        return ProviderRefused(reason)
    return ProviderAway(reason)


def dig(thing: object, *path: str | int) -> object:
    """Return what is found along a path of attributes, keys and places, or None where it ends.

    The libraries do not check what they were sent, so that anything may be anywhere.
    """
    for step in path:
        if isinstance(thing, dict):
            thing = thing.get(step)
        elif isinstance(thing, list) and isinstance(step, int):
            thing = thing[step] if -len(thing) <= step < len(thing) else None
        else:
            thing = getattr(thing, str(step), None)
    return thing
