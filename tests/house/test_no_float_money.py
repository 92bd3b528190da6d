"""Money never touches float, which cannot hold most amounts exactly."""

import ast
from collections.abc import Iterator

import pytest

from connector_site.places import CHECKOUT
from tests.house.sources import iter_python, name_of

# Where amounts pass: no float of any kind.
MONEY = (
    "integrations/pipeline",
    "integrations/qad/rows.py",
    "integrations/qad/loose.py",
    "integrations/fields.py",
    "integrations/services/bulk.py",
    "integrations/services/evidence.py",
    "integrations/services/judgement.py",
    "integrations/services/lines.py",
    "integrations/services/parts.py",
    "integrations/services/proof.py",
    "integrations/services/readback.py",
    "integrations/services/replay.py",
    "integrations/services/reports.py",
    "integrations/services/rows.py",
    "integrations/selectors/figures.py",
    "integrations/selectors/grids.py",
    "integrations/selectors/known_codes.py",
    "integrations/selectors/mapping_grid.py",
    "integrations/selectors/mapping_rule.py",
    "integrations/selectors/tieouts.py",
    "integrations/templatetags/amounts.py",
)
# A share of names that look alike, not an amount.
ALLOWED = {("integrations/qad/loose.py", "the number 0.3")}


def float_uses(source: str) -> Iterator[str]:
    """Every float in the source; asking whether something is one, to refuse it, is none."""
    tree = ast.parse(source)
    questions = {
        id(name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance"
        for name in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"the number {node.value}"
        elif isinstance(node, ast.Name) and node.id == "float" and id(node) not in questions:
            yield "the name float"
        elif isinstance(node, ast.Attribute) and node.attr in ("FloatField", "float64"):
            yield f"the name {node.attr}"


def money_files() -> Iterator[str]:
    for name in MONEY:
        path = CHECKOUT / name
        if path.is_dir():
            yield from map(name_of, iter_python(name))
        else:
            yield name


@pytest.mark.parametrize("name", sorted(money_files()))
def test_no_float_where_amounts_pass(name: str):
    uses = {(name, use) for use in float_uses((CHECKOUT / name).read_text("utf-8"))}
    assert uses - ALLOWED == set()


def test_no_table_has_a_float_column():
    for path in iter_python("integrations/models", "accounts", "audit"):
        assert "the name FloatField" not in list(float_uses(path.read_text("utf-8"))), path


@pytest.mark.parametrize(
    "source",
    ["total = float(amount)", "rate: float", "net = 0.1", "net = models.FloatField()"],
)
def test_a_float_is_found(source: str):
    assert list(float_uses(source))


def test_refusing_a_float_is_not_one():
    assert list(float_uses("if isinstance(value, float):\n    raise TypeError")) == []
