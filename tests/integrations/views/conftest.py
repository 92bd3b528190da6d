"""A browser and a stand-in Anaplan for the tests of these pages that need one."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browsing import browser, open_window, server
from tests.integrations.anaplan.conftest import StandIn
from tests.integrations.anaplan_scene import start_anaplan

__all__ = ["browser", "open_window", "server"]


@pytest.fixture(scope="module")
def stand_in(engines: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """A stand-in Anaplan with an OAuth client for this site."""
    with start_anaplan(tmp_path_factory.mktemp("anaplan")) as running:
        yield StandIn(running.origin)
