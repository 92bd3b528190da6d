"""Writing the trail and checking it: one chain of hashes per organization."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Subquery
from django.db.models.functions import JSONObject

from audit.actions import Action
from audit.context import current_acting
from audit.models import ChainHead, Event
from audit.tenancy import Scope, current_scope, tenant


@dataclass(frozen=True, slots=True)
class BadLink:
    """The first place where a chain does not hold, and why."""

    sequence: int
    reason: str


def record_event(
    action: Action, *, subject: tuple[str, object], data: dict[str, Any] | None = None
) -> None:
    """Note an event of the open organization; it is written right before its transaction ends.

    The chain is taken last and in one go, so that its lock is held for the shortest time.
    Where the transaction rolls back, the event does too; where the event can't be written,
    the change is not made.
    """
    scope = current_scope()
    context = current_acting()
    scope.pending.append(
        Event(
            organization_id=scope.organization_id,
            at=datetime.now(UTC),
            actor=context.actor,
            action=str(action),
            subject_type=subject[0],
            subject_id=str(subject[1]),
            request_id=context.request_id,
            run_id=context.run_id,
            data=data or {},
        )
    )
    scope.before_commit["trail"] = _write


def _write(scope: Scope) -> None:
    if not scope.pending:
        return
    ChainHead.objects.get_or_create(organization_id=scope.organization_id)
    head = ChainHead.objects.select_for_update().get(organization_id=scope.organization_id)
    for event in scope.pending:
        head.sequence += 1
        event.sequence = head.sequence
        event.previous_hash = head.hash
        event.hash = head.hash = compute_hash(event)
    Event.objects.bulk_create(scope.pending)
    head.save(update_fields=["sequence", "hash"])
    scope.pending.clear()


def compute_hash(event: Event) -> str:
    """Return the SHA-256 over the event's columns, as an exported trail can repeat it."""
    columns = [
        event.organization_id,
        event.sequence,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.actor,
        event.action,
        event.subject_type,
        event.subject_id,
        event.request_id,
        event.run_id,
        event.data,
        event.previous_hash,
    ]
    text = json.dumps(columns, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def verify_chain(organization_id: int) -> tuple[int, BadLink | None]:
    """Return how many events were checked and the first bad link, if there is one.

    The head is read in the statement that reads the events: others may be written meanwhile.
    """
    with tenant(organization_id):
        heads = ChainHead.objects.filter(organization_id=organization_id)
        before = heads.values_list("sequence", "hash").first() or (0, "")
        events = Event.objects.filter(organization_id=organization_id).annotate(
            head=JSONObject(sequence=Subquery(heads.values("sequence")),
                            hash=Subquery(heads.values("hash")))
        )  # fmt: skip
        last, bad = _first_bad_link(events.order_by("sequence").iterator(chunk_size=2_000))
    count, last_hash = (last.sequence, last.hash) if last else (0, "")
    head = (last.head["sequence"], last.head["hash"]) if last else before
    if bad is None and (count, last_hash) != head:
        bad = BadLink(count, "the head of the chain does not match its last event")
    return count, bad


def _first_bad_link(events: Iterable[Any]) -> tuple[Any, BadLink | None]:
    """Return the last event that is as it was written, and what is wrong behind it."""
    last, previous = None, ""
    for number, event in enumerate(events, start=1):
        if event.sequence != number:
            return last, BadLink(number, "an event is missing")
        if event.previous_hash != previous:
            return last, BadLink(number, "the link to the event before is cut")
        if compute_hash(event) != event.hash:
            return last, BadLink(number, "the event was changed")
        last, previous = event, event.hash
    return last, None
