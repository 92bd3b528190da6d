"""Wrap data keys and second factors by the newest key of ENCRYPTION_KEYS."""

import json
import sys
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from tqdm import tqdm

from accounts.models import Organization
from accounts.second_factors import wrap_second_factors_anew
from audit.context import acting
from integrations.encryption import SealBroken
from integrations.services.keys import (
    check_second_factors,
    count_uses,
    list_keyed,
    renew_data_key,
    rewrap,
)


class Command(BaseCommand):
    """`manage.py rotate_keys [--organization SLUG] [--renew-older-than DAYS] [--json]`.

    May be stopped and started again at any moment: each organization is done whole or not at
    all. Exit code 1 where a data key does not open or an old key is still in use.
    """

    help = "Wrap all data keys by the newest key and say which old key may be retired."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one organization's slug, and the age from which data keys themselves are renewed."""
        parser.add_argument("--organization", default="", help="the organization's short name")
        parser.add_argument(
            "--renew-older-than", type=int, metavar="DAYS", help="renew data keys of that age too"
        )
        parser.add_argument("--json", action="store_true", help="print JSON, see docs/commands.md")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Turn the keys of one organization after the other, and report."""
        counts = dict.fromkeys(("organizations", "rewrapped", "renewed", "second_factors"), 0)
        report: dict[str, Any] = {**counts, "broken": []}
        organizations = list_keyed(options["organization"])
        with acting("command line"):
            for organization in tqdm(organizations, "keys", unit="organization", disable=None):
                _turn(organization, options["renew_older_than"], report)
        if not options["organization"]:
            report["second_factors"] = wrap_second_factors_anew()
            report["broken"] += [seal.place for seal in check_second_factors()[1]]
        report["keys"] = _verdicts()
        self.stdout.write(json.dumps(report, indent=2) if options["json"] else _describe(report))
        if report["broken"] or any(key["must_stay"] for key in report["keys"][1:]):
            sys.exit(1)


def _turn(organization: Organization, days: int | None, report: dict[str, Any]) -> None:
    report["organizations"] += 1
    try:
        report["rewrapped"] += rewrap(organization_id=organization.pk)
        if days is not None:
            before = timezone.now() - timedelta(days=days)
            report["renewed"] += renew_data_key(organization_id=organization.pk, made_before=before)
    except SealBroken:
        report["broken"].append(organization.slug)


def _verdicts() -> list[dict[str, Any]]:
    """What each key wraps after all; the first one is the newest and stays in any case."""
    return [
        {
            "key": use.name,
            "data_keys": use.data_keys,
            "second_factors": use.second_factors,
            "must_stay": use.is_newest or use.is_used,
        }
        for use in count_uses()
    ]


def _describe(report: dict[str, Any]) -> str:
    lines = [
        f"{report['organizations']:,} data keys: {report['rewrapped']:,} wrapped anew, "
        f"{report['renewed']:,} renewed; {report['second_factors']:,} second factors sealed anew."
    ]
    lines += [f"{name}: a key or a secret does not open." for name in report["broken"]]
    for number, key in enumerate(report["keys"], start=1):
        verdict = "must stay" if key["must_stay"] else "may be taken out of ENCRYPTION_KEYS"
        lines.append(
            f"Key {number} ({key['key']}) opens {key['data_keys']:,} data keys and "
            f"{key['second_factors']:,} second factors: {verdict}."
        )
    return "\n".join(lines)
