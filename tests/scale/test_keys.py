"""One key, one effect: whichever of two hosts a repetition comes to."""

import pytest

from tests.attacks.test_idempotency import *  # noqa: F403
from tests.attacks.test_idempotency import (
    test_a_request_whose_server_died_before_it_answered_is_not_done_twice as of_one_server,
)

del globals()[of_one_server.__name__]  # a fault is told to one server, and the balancer chooses

pytestmark = [pytest.mark.only_mariadb, pytest.mark.torture]
