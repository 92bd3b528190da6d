"""Rows, layouts and cells that the tests of the pipeline share."""

from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from hypothesis import settings
from hypothesis import strategies as st

from integrations.pipeline.layout import Layout, default_bindings
from integrations.pipeline.rules import MappingTable, Rule
from integrations.pipeline.streams import GL_BALANCES

BALANCE_FIELDS = frozenset(["debit", "credit", "net", "currency", "base_currency"])
BALANCES = GL_BALANCES.fit("base", BALANCE_FIELDS)

quick = settings(deadline=None, max_examples=60)

HEADERS = ("Entity", "Account", "Cost Center", "Time", "Currency", "Debit", "Credit", "Net")
WITH_QUANTITY = (*HEADERS, "Quantity")


@dataclass(frozen=True)
class Row:
    """A GL balance as the reader of QAD's pages gives it."""

    entity: str = "100"
    gl_account: str = "6100"
    sub_account: str = ""
    cost_center: str = "4100"
    project: str = ""
    year_period: int = 202611
    layer: str = "OFFICIAL"
    currency: str = "USD"
    base_currency: str = "USD"
    debit: str = "0.00"
    credit: str = "0.00"
    net: str = "0.00"


def row(net="1.00", **fields):
    """A row with debit or credit after the sign of its net."""
    sides = {"credit": net[1:]} if net.startswith("-") else {"debit": net}
    return replace(Row(), net=net, **{**sides, **fields})


def layout(headers=WITH_QUANTITY, bindings=None, **form):
    """A layout of headers whose words are known, or bound as told."""
    bound = {**default_bindings(headers), **(bindings or {})}
    return Layout.build(headers, bound, GL_BALANCES, **form)


RULES = (
    Rule("entity", "100", "E_1"),
    Rule("period", "202611", "Nov 26"),
    Rule("currency", "USD", "USD"),
    Rule("currency", "EUR", "EUR"),
    Rule("gl_account", "6100", "A_6100"),
    Rule("gl_account", "6200", "A_6200"),
    Rule("gl_account", "9000", "A_9000"),
    Rule("cost_center", "4100", "CC_1"),
    Rule("cost_center", "4200", "CC_2"),
    Rule("cost_center", "", "CC_NONE"),
)


def table(rules=RULES, form=None, suspense=()):
    """The mapping table of the rules."""
    return MappingTable([Rule(*rule) for rule in rules], form or layout(), dict(suspense))


def in_force(*arguments, domain="10USA", period=202611, **options):
    """The rules that count for a domain and period."""
    return table(*arguments, **options).in_force(domain, period)


def naive_sum(texts):
    """The sum by Decimal alone, with more digits than any test needs."""
    with localcontext() as context:
        context.prec = 300
        return sum(map(Decimal, texts), Decimal(0))


def amounts(decimals=None, digits=28):
    """Plain amounts with up to 28 digits, all with as many decimals when told."""
    whole = st.integers(-(10**digits), 10**digits)
    places = st.just(decimals) if decimals is not None else st.integers(0, 6)
    return st.builds(lambda n, p: format(Decimal(n).scaleb(-p), "f"), whole, places)


def cell_lists(max_size=40, measures=2, keys="abcdef"):
    """Unsorted cells; several may have one key."""
    key = st.text(keys, min_size=1, max_size=3)
    values = st.tuples(*[amounts(digits=6)] * measures)
    return st.lists(st.tuples(key, values, st.integers(1, 3)), max_size=max_size)


def sorted_cells(**options):
    """Cells that ascend by key, each key once."""
    return cell_lists(**options).map(
        lambda cells: sorted({cell[0]: cell for cell in cells}.values())
    )
