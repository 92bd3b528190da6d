"""Changes of the list of cost centers: renamed, switched on and off, added, taken away."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from simulators.qad.journals import JournalRefused, now
from simulators.qad.ledger import Ledger


def change_cost_center(ledger: Ledger, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Rename or (de)activate a cost center in all its shared sets, or in the one that is named.

    `{"cost_center"}` with `description`, `is_active`, `shared_set`.
    """
    code, shared_set = str(raw["cost_center"]), raw.get("shared_set")
    changes = {name: raw[name] for name in ("description", "is_active") if name in raw}
    kinds = (("description", str), ("is_active", bool))
    if not changes or any(not isinstance(changes.get(name, kind()), kind) for name, kind in kinds):
        raise JournalRefused("Say a description, or is_active as true or false.")
    changed = ledger.change_cost_centers(
        lambda item: item.code == code and shared_set in (None, item.shared_set),
        {**changes, "last_modified": now()},
    )
    if not changed:
        raise JournalRefused(f"There is no cost center '{code}'.")
    return {"cost_center": code, "changed": changed, **changes}


def add_cost_center(ledger: Ledger, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Add a cost center to the shared sets that hold another: `{"cost_center", "like"}`.

    `description` is its name, without it that is the code.
    """
    code, like = str(raw["cost_center"]), str(raw["like"])
    known = ledger.books.cost_centers
    models = [item for item in known if item.code == like]
    if not models or any(item.code == code for item in known):
        raise JournalRefused(f"There is no cost center '{like}', or there is a '{code}' already.")
    facts = {"description": str(raw.get("description", code)), "last_modified": now()}
    ledger.add_cost_centers([replace(item, code=code, is_active=True, **facts) for item in models])
    return {"cost_center": code, "added": len(models)}


def remove_cost_center(ledger: Ledger, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Take a cost center off all lists; what was posted on it stays: `{"cost_center"}`."""
    code = str(raw["cost_center"])
    removed = ledger.remove_cost_centers(lambda item: item.code == code)
    if not removed:
        raise JournalRefused(f"There is no cost center '{code}'.")
    return {"cost_center": code, "removed": removed}
