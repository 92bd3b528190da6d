"""What the mapping pages say of codes, drafts and what was let go."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.contrib import messages

from accounts.requests import OrganizationRequest
from integrations.selectors.mappings import DIMENSIONS
from integrations.selectors.unmapped import UnmappedCode
from integrations.services.mapping_desk import Mapped, Released
from integrations.templatetags.amounts import format_amount
from integrations.templatetags.wording import NOUNS
from integrations.views.sentences import plural


def say_codes(codes: Iterable[UnmappedCode]) -> str:
    """Say how many codes have how much at stake: "3 cost centers (12.00 EUR at stake)".

    What is at stake adds up whatever its sign: nets would offset one another. Each dimension is
    said for itself: the same money may lack an account and a cost center.
    """
    counts: dict[str, int] = defaultdict(int)
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for code in codes:
        counts[code.dimension] += 1
        for currency, weight in code.stake.weights.items():
            sums[code.dimension][currency] += weight
    said = [
        plural(count, *NOUNS[dimension]) + _in_brackets(sums[dimension])
        for dimension, count in sorted(counts.items(), key=lambda item: -item[1])
    ]
    return ", ".join([*said[:-2], " and ".join(said[-2:])]) if said else ""


def _in_brackets(sums: dict[str, Decimal]) -> str:
    told = [
        f"{format_amount(amount)} {currency}".strip() for currency, amount in sorted(sums.items())
    ]
    return f" ({', '.join(told)} at stake)" if told else ""


def name_code(dimension: str, code: str) -> str:
    """Name a code with its dimension."""
    return f"{dict(DIMENSIONS).get(dimension, dimension)} {code or '(blank)'}"


def tell_mapped(request: OrganizationRequest, what: str, done: Mapped) -> None:
    """Say what a click has done: where it stands, and what was let go."""
    if done.draft is not None:
        messages.success(
            request,
            f"{what} in the draft. Nothing changes until somebody else has approved it.",
        )
        return
    messages.success(request, f"{what}, from version {done.number} on.")
    tell_released(request, done.released)


def tell_restated(request: OrganizationRequest, done: Released) -> None:
    """Say which runs load closed periods anew, and which syncs have to wait."""
    for run in done.runs:
        messages.success(request, f"Run {run.pk} loads the closed periods anew.")
    for _, refused in done.refused:
        messages.warning(request, refused.message)
    if not done.runs and not done.refused:
        messages.info(request, "It restates no closed period that was loaded.")


def tell_released(request: OrganizationRequest, done: Released) -> None:
    """Say which replays were begun, and which syncs have to wait."""
    if done.runs:
        numbers = ", ".join(str(run.pk) for run in done.runs)
        messages.success(request, f"What was held goes now, in run {numbers}.")
    for name, refused in done.refused:
        messages.warning(request, f"{name}: {refused.message} Release it from here later.")
