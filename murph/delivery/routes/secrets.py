"""What playback addresses are signed with."""

from flask import current_app


def secrets() -> list[str]:
    """Return the secrets that are accepted, the one that signs last."""
    config = current_app.config
    return [secret for secret in (config["SECRET_KEY_PREVIOUS"], config["SECRET_KEY"]) if secret]
