"""The one catalogue of error codes: pages, API, commands and docs all read it."""

from audit.catalogue import (
    anaplan,
    anaplan_sign_in,
    api,
    checks,
    connections,
    data_sets,
    drift,
    files,
    lists,
    mapping_sheets,
    mapping_starts,
    models,
    network,
    people,
    pings,
    plans,
    product,
    qad,
    runs,
    sign_in,
    tie_outs,
)
from audit.catalogue.kinds import ErrorCode, Kind, fill

__all__ = ["CATALOGUE", "ErrorCode", "Kind", "fill"]

CATALOGUE: dict[str, ErrorCode] = {
    entry.code: entry
    for entries in (
        product.ENTRIES,
        people.ENTRIES,
        sign_in.ENTRIES,
        api.ENTRIES,
        connections.ENTRIES,
        models.ENTRIES,
        drift.ENTRIES,
        pings.ENTRIES,
        runs.ENTRIES,
        tie_outs.ENTRIES,
        data_sets.ENTRIES,
        plans.ENTRIES,
        files.ENTRIES,
        mapping_sheets.ENTRIES,
        mapping_starts.ENTRIES,
        lists.ENTRIES,
        network.ENTRIES,
        anaplan_sign_in.ENTRIES,
        anaplan.ENTRIES,
        qad.ENTRIES,
        checks.ENTRIES,
    )
    for entry in entries
}
