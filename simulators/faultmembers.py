"""The kinds of faults that both stand-ins carry out, and the members that each of them takes."""

from collections.abc import Mapping

NUMBER, WHOLE, TEXT, TRUTH, ANY = (
    "a number",
    "a whole number",
    "a text",
    "true or false",
    "anything",
)
NAMES, OBJECT = "a list", "an object"
_TYPES: dict[str, tuple[type, ...]] = {
    NUMBER: (int, float),
    WHOLE: (int,),
    TEXT: (str,),
    TRUTH: (bool,),
    ANY: (object,),
    NAMES: (list,),
    OBJECT: (dict,),
}

MEMBERS: Mapping[str, Mapping[str, str]] = {
    "status": {"status": WHOLE, "body": ANY, "headers": OBJECT},
    "html": {"status": WHOLE, "body": TEXT},
    "slow": {"seconds": NUMBER},
    "drop": {},
    "reset": {},
    "truncate": {"bytes": WHOLE, "length": TEXT},
    "rate_limited": {"retry_after": ANY, "seconds": NUMBER},
    "content_type": {"as": TEXT},
    "bomb": {"megabytes": WHOLE},
    "drip": {"bytes": WHOLE, "seconds": NUMBER},
    "extra_fields": {"fields": OBJECT},
    "missing_fields": {"fields": NAMES},
    "repeat_page": {},
    "shift_rows": {"by": WHOLE},
    "duplicate_rows": {"row": WHOLE, "rows": WHOLE},
    "token_revoked": {"refresh": TRUTH},
    "message_form": {"as": TEXT, "text": TEXT, "names": NAMES},
    "empty": {"status": WHOLE},
}


TIMING = {"after": WHOLE, "times": WHOLE, "seed": WHOLE, "probability": NUMBER}
"""Members of every fault that say which of the calls it spoils."""


def complaint_about(kind: str, params: Mapping[str, object]) -> str:
    """What is wrong with the members that a fault of a kind was given; empty when nothing is."""
    known = MEMBERS[kind]
    for name, value in params.items():
        if name not in known:
            return f"{kind!r} has no member {name!r}; it has {', '.join(known) or 'none'}."
        if not _fits(value, known[name]):
            return f"{name!r} of {kind!r} must be {known[name]}, not {value!r}."
    return ""


def complaint_about_timing(fault: Mapping[str, object]) -> str:
    """What is wrong with the members that say which calls a fault spoils; empty when nothing."""
    for name, wanted in TIMING.items():
        if name in fault and not _fits(fault[name], wanted):
            return f"{name!r} must be {wanted}, not {fault[name]!r}."
    probability = fault.get("probability", 1)
    if isinstance(probability, int | float) and not 0 < probability <= 1:
        return f"'probability' must be above 0 and at most 1, not {probability!r}."
    return ""


def _fits(value: object, wanted: str) -> bool:
    is_truth = isinstance(value, bool) and wanted in (NUMBER, WHOLE)
    return not is_truth and isinstance(value, _TYPES[wanted])
