"""What programs are told of the mapping, as plain values: amounts and weights as exact text."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from integrations.models import MappingRule
from integrations.pipeline.amounts import canonical, to_text
from integrations.pipeline.mapping_changes import parts_to_json
from integrations.pipeline.rules import RuleKey
from integrations.pipeline.suggestions import Suggestion
from integrations.selectors.draft_pages import DraftPage
from integrations.selectors.drafts import key_of
from integrations.selectors.mapping_effects import Effect, MemberEffect
from integrations.selectors.mapping_pages import Drafted
from integrations.selectors.unmapped import UnmappedCode

EFFECTS_LISTED = 500


def rule_report(rule: MappingRule) -> dict[str, Any]:
    """Return a rule of a version."""
    names = (*RuleKey._fields, "member", "valid_from", "valid_to")
    return {name: getattr(rule, name) for name in names} | {"weight": _exact(rule.weight)}


def unmapped_report(code: UnmappedCode) -> dict[str, Any]:
    """Return a code without a member, with what is at stake on it."""
    return {
        "dimension": code.dimension,
        "code": code.code,
        "names": code.names,
        "amounts": [
            {"currency": currency, "amount": _exact(amount)}
            for currency, amount in sorted(code.stake.amounts.items())
        ],
        "records": code.records,
        "runs": [held.run_id for held in code.held_by],
        "drafted": parts_to_json(code.drafted),
    }


def suggestion_report(code: UnmappedCode, suggestion: Suggestion) -> dict[str, Any]:
    """Return a code with the member that is suggested for it."""
    return {
        "dimension": code.dimension,
        "code": code.code,
        "names": code.names,
        "member": suggestion.member,
        "member_name": suggestion.name,
        "score": suggestion.score,
        "reason": suggestion.reason,
        "is_drafted": bool(code.drafted),
    }


def draft_report(page: DraftPage) -> dict[str, Any]:
    """Return the open draft with what it moves."""
    return {
        "draft": page.draft,
        "version": page.version.number if page.version else None,
        "changes": len(page.changes),
        "conflicts": len(page.conflicts),
        "effect": _effect_report(page.effect),
    }


def change_report(drafted: Drafted) -> dict[str, Any]:
    """Return one change of the draft beside what the newest version has."""
    change = drafted.change
    return {
        "id": change.pk,
        **key_of(change)._asdict(),
        "before": change.before,
        "now": parts_to_json(drafted.now),
        "parts": change.parts,
        "in_conflict": drafted.in_conflict,
        "changed_by": change.changed_by,
        "changed_at": change.changed_at,
    }


def _effect_report(effect: Effect) -> dict[str, Any]:
    return {
        "rows": effect.rows,
        "restated": effect.restated,
        "members": list(_member_reports(effect.members[:EFFECTS_LISTED])),
        "members_in_all": len(effect.members),
        "unknown": [key._asdict() for key in effect.unknown[:EFFECTS_LISTED]],
    }


def _member_reports(members: Iterable[MemberEffect]) -> Iterable[dict[str, str]]:
    for member in members:
        yield {
            "sync": member.sync,
            "dimension": member.dimension,
            "member": member.member,
            "currency": member.currency,
            "before": _exact(member.before),
            "after": _exact(member.after),
            "by": _exact(member.by),
        }


def _exact(number: Decimal) -> str:
    """Return the one shortest text of a number."""
    return canonical(to_text(number))
