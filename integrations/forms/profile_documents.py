"""The forms on one document of an instance profile: where it is, and how its fields are called."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django import forms

from accounts.choices import offer
from integrations.forms.profiles import VersionedForm
from integrations.qad.profile import Document
from integrations.qad.types import kind_of

SPARE_ROWS = 4
MOST_ROWS = 200
SMALL = {"rows": 3, "spellcheck": "false"}
STYLES = (
    ("bdoc", "Business document: a path below the tenant URL"),
    ("browse", "Browse: by its id"),
    ("entity", "Entity: by its plural and URI"),
)
SCOPES = (
    ("instance", "the whole instance"),
    ("domain", "each domain"),
    ("entity", "each entity"),
)
DEFAULTS: dict[str, Any] = json.loads(msgspec.json.encode(Document(key=(), map={})))
OPTIONAL = ("browse_id", "entity_uri", "plural")


class FieldForm(forms.Form):
    """One field: the name that ml-connector uses, and the one of the instance."""

    name = forms.RegexField(
        r"\A[a-z][a-z0-9_]*\Z", label="Field", max_length=200, required=False,
        error_messages={"invalid": "Small letters, digits and “_”, beginning with a letter."},
    )  # fmt: skip
    wire = forms.CharField(label="QAD's name", max_length=200, required=False)
    is_required = forms.BooleanField(label="Required", required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse half a row; an empty one is none."""
        found: dict[str, Any] = self.cleaned_data
        if not self.errors and bool(found["name"]) != bool(found["wire"]):
            missing = "wire" if found["name"] else "name"
            self.add_error(missing, "Both names are needed; empty both to take the field out.")
        return found

    @property
    def kind(self) -> str:
        """What the field holds: text, whole, amount, truth or date."""
        return kind_of(str(self["name"].value() or "")) if self["name"].value() else ""


# Django takes no type argument here when it runs.
class _Fields(forms.BaseFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        """Refuse a name that stands twice."""
        names = [form.cleaned_data.get("name") for form in self.forms if form.is_valid()]
        twice = {name for name in names if name and names.count(name) > 1}
        if twice:
            raise forms.ValidationError(f"{', '.join(sorted(twice))} stands twice.")


FieldForms = forms.formset_factory(
    FieldForm, formset=_Fields, extra=SPARE_ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS
)


def field_forms(data: Any, entry: Mapping[str, Any]) -> "forms.BaseFormSet[FieldForm]":
    """Return the rows of a document's map, with a few empty ones."""
    required = entry.get("required", ())
    rows = [
        {"name": name, "wire": wire, "is_required": name in required}
        for name, wire in sorted(entry.get("map", {}).items())
    ]
    return FieldForms(data, initial=rows, prefix="map")


class DocumentForm(VersionedForm):
    """One document: where it is, how it is asked for, and what its values mean."""

    style = forms.ChoiceField(choices=STYLES, widget=forms.RadioSelect())
    path = forms.CharField(
        required=False, max_length=400, help_text="For a business document: as in its Swagger page."
    )
    browse_id = forms.CharField(
        label="Browse id",
        required=False,
        max_length=200,
        help_text="For a browse: such as urn:browse:mfg:gl111.",
    )
    plural = forms.CharField(
        required=False, max_length=200, help_text="For an entity: such as costCenters."
    )
    entity_uri = forms.CharField(
        label="Entity URI",
        required=False,
        max_length=200,
        help_text="For an entity, and for the second opinion on a business document: urn:be:…",
    )
    rows_at = forms.CharField(
        label="Rows stand at",
        required=False,
        max_length=200,
        help_text="Keys joined by dots; empty where the answer itself is the list.",
    )
    scope = forms.ChoiceField(label="Asked for", choices=SCOPES)
    key = forms.CharField(max_length=1_000, help_text="The fields that tell rows apart, by blanks.")
    sort = forms.CharField(
        label="Order", required=False, max_length=1_000, help_text="Fields, by blanks."
    )
    static_filters = forms.CharField(
        label="Always filtered by",
        required=False,
        max_length=4_000,
        help_text="One condition a line, such as: layer_type eq OFFICIAL",
        widget=forms.Textarea(attrs=SMALL),
    )
    value_map = forms.CharField(
        label="Values under other words",
        required=False,
        max_length=20_000,
        help_text="One a line, such as: status Periodopen = OPEN",
        widget=forms.Textarea(attrs=SMALL),
    )
    measure = forms.ChoiceField(
        choices=(("movement", "of the period alone"), ("cumulative", "up to the period's end")),
        label="Amounts are",
    )
    official_only_confirmed = forms.BooleanField(
        label="It holds posted amounts of the official layer only",
        required=False,
        help_text="Confirm it only where no filter can say so; it stands in the trail.",
    )
    amounts_as_text = forms.BooleanField(label="Amounts stand in quotes", required=False)
    enabled = forms.BooleanField(label="Switched on", required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        base: int,
        document: str,
        entry: Mapping[str, Any],
    ) -> None:
        super().__init__(data, base=base, initial=_initial(entry))
        self._document = document

    def clean_static_filters(self) -> list[list[str]]:
        """Return one condition for each line."""
        lines = _lines(self.cleaned_data["static_filters"])
        conditions = [line.split(None, 2) for line in lines]
        for line, parts in zip(lines, conditions, strict=True):
            if len(parts) != 3:
                raise forms.ValidationError(f"“{line}” is no condition: field, operator, value.")
        return conditions

    def clean_value_map(self) -> dict[str, dict[str, str]]:
        """Return the words of each field."""
        found: dict[str, dict[str, str]] = {}
        for line in _lines(self.cleaned_data["value_map"]):
            given, equals, word = line.partition("=")
            name, _, value = given.strip().partition(" ")
            if not equals or not value.strip():
                raise forms.ValidationError(f"“{line}” is none: field, QAD's value = our word.")
            found.setdefault(name, {})[value.strip()] = word.strip()
        return found

    def field_at(self, path: str) -> str | None:
        """The field for a place below this document."""
        name = path.removeprefix(f"documents.{self._document}.").partition("[")[0]
        return name if name in self.fields else None

    def applied_to(
        self, entry: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Return the document as it was typed, its fields from the rows beside it.

        What equals an unsaid default stays unsaid.
        """
        typed = {n: v for n, v in self.cleaned_data.items() if n not in ("version", "note")}
        typed |= {name: typed[name] or None for name in OPTIONAL}
        typed |= {name: typed[name].split() for name in ("key", "sort")}
        filled = [row for row in rows if row.get("name")]
        typed["map"] = {row["name"]: row["wire"] for row in filled}
        before = list(entry.get("required", ()))
        required = [row["name"] for row in filled if row["is_required"]]
        kept = [name for name in before if name in required]
        typed["required"] = [*kept, *(name for name in required if name not in kept)]
        said = {n: v for n, v in typed.items() if n in entry or v != DEFAULTS.get(n)}
        return {**entry, **said}


class AddDocumentForm(VersionedForm):
    """The name of a new document, and which one it begins like."""

    name = forms.RegexField(
        r"\A[a-z][a-z0-9_]*\Z",
        max_length=60,
        help_text="Small letters, digits and “_”, such as gl_posting.",
        error_messages={"invalid": "Small letters, digits and “_”, beginning with a letter."},
    )
    like = forms.ChoiceField(label="Begin like", required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, base: int, documents: Sequence[str]
    ) -> None:
        super().__init__(data, base=base)
        choices = [(name, name) for name in documents]
        offer(self, "like", choices)


def _initial(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A document's values as they are typed; what it does not say has its default."""
    values = {**DEFAULTS, **entry}
    values |= {name: " ".join(entry.get(name, ())) for name in ("key", "sort")}
    filters = entry.get("static_filters", ())
    values["static_filters"] = "\n".join(" ".join(parts) for parts in filters)
    values["value_map"] = "\n".join(
        f"{name} {value} = {word}"
        for name, words in entry.get("value_map", {}).items()
        for value, word in words.items()
    )
    return values


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
