"""What is told of one server's sessions, races and payouts is true of two hosts behind a balancer too."""

import pytest

from tests.attacks.test_payout_races import *  # noqa: F403
from tests.attacks.test_races import *  # noqa: F403
from tests.attacks.test_two_servers import *  # noqa: F403
from tests.session.test_sockets_videos import *  # noqa: F403

pytestmark = [pytest.mark.only_mariadb, pytest.mark.torture]
