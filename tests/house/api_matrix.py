"""Which scope each endpoint of the REST API asks for: one line an address."""

from typing import Any

from accounts.api_keys import Scope

# None stands for any live key.
API: dict[str, dict[str, Any]] = {
    "/api/v1/me": {"GET": None},
    "/api/v1/runs": {"GET": Scope.RUNS_READ, "POST": Scope.RUNS_WRITE},
    "/api/v1/runs/<run_id>": {"GET": Scope.RUNS_READ},
    "/api/v1/plan-versions": {"GET": Scope.PLANS_READ},
    "/api/v1/plan-versions/<version_id>": {"GET": Scope.PLANS_READ},
    "/api/v1/plan-versions/<version_id>/values": {"GET": Scope.PLANS_READ},
    "/api/v1/mapping/versions": {"GET": Scope.MAPPING_READ},
    "/api/v1/mapping/versions/<version_number>": {"GET": Scope.MAPPING_READ},
    "/api/v1/mapping/rules": {"GET": Scope.MAPPING_READ},
    "/api/v1/mapping/unmapped": {"GET": Scope.MAPPING_READ},
    "/api/v1/mapping/suggestions": {"GET": Scope.MAPPING_READ},
    "/api/v1/mapping/draft": {"GET": Scope.MAPPING_READ},
    "/api/v1/mapping/draft/changes": {"GET": Scope.MAPPING_READ, "POST": Scope.MAPPING_WRITE},
    "/api/v1/mapping/draft/changes/<drafted_id>": {"DELETE": Scope.MAPPING_WRITE},
    "/api/v1/connections": {"GET": Scope.CONNECTIONS_READ},
    "/api/v1/connections/<connection_id>": {"GET": Scope.CONNECTIONS_READ},
    "/api/v1/connections/<connection_id>/pings": {"POST": Scope.CONNECTIONS_PING},
    "/api/v1/connections/<connection_id>/pings/<ping_id>": {"GET": Scope.CONNECTIONS_READ},
    "/api/v1/connections/<connection_id>/pings/<ping_id>/cancel": {"POST": Scope.CONNECTIONS_PING},
}
