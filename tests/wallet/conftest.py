import pytest
from flask import Flask

from tests.wallet.elsewhere import Elsewhere


@pytest.fixture
def elsewhere(app: Flask) -> Elsewhere:
    """The gateway in use."""
    gateway = Elsewhere()
    app.extensions["murph_payment"] = gateway
    return gateway
