"""Which scope each endpoint of the REST API asks for: one line an address."""

from typing import Any

from accounts.api_keys import Scope

# None stands for any live key.
API: dict[str, dict[str, Any]] = {
    "/api/v1/me": {"GET": None},
    "/api/v1/runs": {"GET": Scope.RUNS_READ, "POST": Scope.RUNS_WRITE},
    "/api/v1/runs/<run_id>": {"GET": Scope.RUNS_READ},
}
