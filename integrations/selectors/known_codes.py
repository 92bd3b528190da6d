"""Bulk reads of what is known of one dimension's codes and of the members they may go to."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, Sum
from django.db.models.functions import Abs

from accounts.models import Organization
from integrations.models import CodeAmount, ListMember, MemberList, QadCode
from integrations.pipeline.grid_rows import Money

MEMBERS_OFFERED = 20


@dataclass(slots=True)
class CodeFacts:
    """A code with the domains in which it was seen, and its money by domain and sync."""

    name: str = ""
    parent: str = ""
    is_in_qad: bool = False
    domains: set[str] | None = None
    money: dict[tuple[str, int], list[Money]] | None = None

    def add(self, domain: str) -> None:
        """Note a domain in which it was seen."""
        self.domains = {domain, *(self.domains or ())}

    def money_in(self, domains: Collection[str]) -> tuple[Money, ...]:
        """Return what it comes to in some domains, from the sync with the largest amount.

        Several syncs carry the same amounts and are not added up.
        """
        syncs: dict[int, dict[str, Money]] = {}
        for (domain, sync_id), found in (self.money or {}).items():
            if domain in domains:
                totals = syncs.setdefault(sync_id, {})
                for money in found:
                    _add(totals, money)
        if not syncs:
            return ()
        best = max(syncs.items(), key=lambda pair: (_largest(pair[1]), -pair[0]))[1]
        return tuple(sorted(best.values(), key=lambda money: (-money.stake, money.currency)))


def read_codes(
    organization: Organization, dimension: str, codes: Collection[str] | None = None
) -> dict[str, CodeFacts]:
    """Return what QAD's lists and the amounts tell of a dimension's codes, or of some of them."""
    mine = Q(organization=organization, dimension=dimension)
    if codes is not None:
        mine &= Q(code__in=codes)
    found: dict[str, CodeFacts] = {}
    listed = QadCode.objects.filter(mine).order_by("missing_since", "pk")
    for domain, code, name, parent, missing in listed.values_list(
        "domain", "code", "name", "parent", "missing_since"
    ):
        known = found.setdefault(code, CodeFacts())
        known.add(domain)
        known.name, known.parent = known.name or name, known.parent or parent
        known.is_in_qad = known.is_in_qad or missing is None
    amounts = CodeAmount.objects.filter(mine).values_list("code", "domain", "sync_id", "currency")
    for code, domain, sync_id, currency, net, stake in amounts.annotate(
        net=Sum("amount"), stake=Sum(Abs("amount"))
    ).order_by():
        known = found.setdefault(code, CodeFacts())
        known.add(domain)
        known.money = known.money or {}
        known.money.setdefault((domain, sync_id), []).append(Money(currency, net, stake))
    return found


def has_code_list(organization: Organization, dimension: str) -> bool:
    """Whether a list of QAD's codes was read for a dimension."""
    return QadCode.objects.filter(organization=organization, dimension=dimension).exists()


def loaded_periods(organization: Organization, dimension: str) -> list[int]:
    """Return the periods in which the dimension's codes have amounts, the newest first."""
    amounts = CodeAmount.objects.filter(organization=organization, dimension=dimension)
    periods = amounts.order_by("-year_period").values_list("year_period", flat=True)
    return list(periods.distinct())


def loaded_periods_of(
    organization: Organization, dimension: str, codes: Collection[str], domain: str = ""
) -> list[int]:
    """Return the periods in which some codes have amounts, the newest first."""
    amounts = CodeAmount.objects.filter(
        organization=organization, dimension=dimension, code__in=codes
    )
    if domain:
        amounts = amounts.filter(domain=domain)
    return list(amounts.order_by("-year_period").values_list("year_period", flat=True).distinct())


def member_texts(organization: Organization, dimension: str) -> frozenset[str] | None:
    """Return the members that are on the dimension's list; None where no list was read."""
    chosen = MemberList.objects.filter(
        organization=organization, dimension=dimension, read_at__isnull=False
    ).first()
    if chosen is None:
        return None
    members = ListMember.objects.filter(
        organization=organization, member_list=chosen, missing_since__isnull=True
    )
    return frozenset(members.values_list("text", flat=True))


def search_members(organization: Organization, dimension: str, text: str) -> list[ListMember]:
    """Return members of the dimension's list that contain a text; those beginning so first."""
    members = ListMember.objects.filter(
        organization=organization,
        member_list__organization=organization,
        member_list__dimension=dimension,
        missing_since__isnull=True,
    )
    begins = members.filter(Q(text__istartswith=text) | Q(name__istartswith=text))
    found = list(begins.order_by("text")[:MEMBERS_OFFERED])
    if len(found) < MEMBERS_OFFERED:
        inside = members.filter(Q(text__icontains=text) | Q(name__icontains=text))
        others = inside.exclude(pk__in=[member.pk for member in found]).order_by("text")
        found += others[: MEMBERS_OFFERED - len(found)]
    return found


def _add(totals: dict[str, Money], money: Money) -> None:
    had = totals.get(money.currency, Money(money.currency, Decimal(0), Decimal(0)))
    totals[money.currency] = Money(money.currency, had.net + money.net, had.stake + money.stake)


def _largest(totals: dict[str, Money]) -> Decimal:
    return max(money.stake for money in totals.values())
