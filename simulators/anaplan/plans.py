"""What an import does to a module: which column is what, known before the file is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulators.anaplan.dimensions import TIME_ID, UNKNOWN, Dimension
from simulators.anaplan.grid import LineItem
from simulators.anaplan.modelfile import ImportPart
from simulators.anaplan.world import Model, Module

CODECS = {"UTF-8": "utf-8", "ISO-8859-1": "iso-8859-1", "UTF-16LE": "utf-16-le"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a whole task fails: the type of its detail and the words."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class MemberColumn:
    """A column that holds members of the module's dimension with this number."""

    header: str
    dimension: Dimension
    number: int
    match: str

    @property
    def problem_kind(self) -> str:
        """The type of the detail that names an unknown member."""
        noun = "TimeEntity" if self.dimension.id == TIME_ID else "List"
        return f"moduleImportInvalid{noun}Identifier"


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A column that holds values of a line item."""

    header: str
    item: LineItem


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How a file is written; `delimiter` is the quote, empty for none."""

    codec: str = "utf-8"
    separator: str = ","
    delimiter: str = '"'


def format_of(part: ImportPart) -> FileFormat:
    """How an import expects its file."""
    return FileFormat(CODECS[part.encoding], part.separator, part.delimiter)


@dataclass(slots=True)
class ImportPlan:
    """A file's columns bound to a module; `fixed` gives a member index by dimension number."""

    module: Module
    members: list[MemberColumn]
    values: list[ValueColumn]
    fixed: dict[int, int] = field(default_factory=dict)
    ignores_unknown: bool = False
    takes_bad_numbers: bool = False
    drops_warned: bool = False
    first_text_wins: bool = False
    decimal_separator: str = "."

    @property
    def headers(self) -> list[str]:
        """The columns that the file must have."""
        return [*(c.header for c in self.members), *(c.header for c in self.values)]


def build_plan(
    model: Model, part: ImportPart, answers: Mapping[str, str] | None = None
) -> ImportPlan | Refusal:
    """Bind an import to its module; `answers` are members by the name they were asked under."""
    module = model.module(part.module)
    numbers = {dimension.name: n for n, dimension in enumerate(module.dimensions)}
    items = {item.name: item for item in module.line_items}
    plan = ImportPlan(
        module,
        members=[],
        values=[],
        ignores_unknown=part.on_unknown == "ignore",
        takes_bad_numbers=part.on_bad_number == "warn",
        decimal_separator=part.decimal_separator,
    )
    for column in part.columns:
        if column.line_item:
            plan.values.append(ValueColumn(column.header, items[column.line_item]))
        elif column.dimension and column.header:
            dimension = model.dimension(column.dimension)
            number = numbers[dimension.name]
            plan.members.append(MemberColumn(column.header, dimension, number, column.match))
        elif column.dimension:
            dimension = model.dimension(column.dimension)
            member = (answers or {}).get(column.ask, "") if column.ask else column.member
            index = dimension.find(member)
            if index == UNKNOWN:
                return Refusal("failedToLocateEntity", f"No member {member!r} in {dimension.name}.")
            plan.fixed[numbers[dimension.name]] = index
    return plan


def plan_of_cells(module: Module) -> ImportPlan:
    """How a CSV of start values is read: headers are names of dimensions and line items."""
    return ImportPlan(
        module,
        members=[
            MemberColumn(dimension.name, dimension, number, "any")
            for number, dimension in enumerate(module.dimensions)
        ],
        values=[ValueColumn(item.name, item) for item in module.line_items if item.slot >= 0],
    )
