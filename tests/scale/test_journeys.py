"""The whole visit to a course, told of one server, is true of two hosts behind a balancer, word for word."""

import pytest

from tests.journeys.test_a_paid_visit import test_a_paid_visit_is_exact_to_the_cent

__all__ = ["test_a_paid_visit_is_exact_to_the_cent"]

SETTINGS = {"MIN_SESSION_DURATION_SECONDS": "60"}  # the visit begins with a free preview

pytestmark = [pytest.mark.only_mariadb, pytest.mark.torture]
