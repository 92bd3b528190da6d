"""The forms on an instance profile: the instance's own part, and the whole as JSON."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import msgspec
from django import forms
from django.forms import BoundField
from msgspec import inspect

from accounts.errors import Refused
from integrations.forms.profile_words import PARTS, WORDS
from integrations.qad import profile as parts
from integrations.services.profile_editing import read_json

LONGEST_JSON = 400_000
KINDS: dict[str, type[msgspec.Struct]] = {
    "auth": parts.Auth,
    "workspace": parts.WorkspaceRule,
    "paging": parts.Paging,
    "filter": parts.FilterRule,
    "sort": parts.SortRule,
    "limits": parts.Limits,
    "tls": parts.Tls,
}
OPERATORS = ("eq", "ne", "gt", "ge", "lt", "le")


class VersionedForm(forms.Form):
    """A change that began with a version, and why it is made."""

    version = forms.IntegerField(widget=forms.HiddenInput())
    note = forms.CharField(
        label="Why",
        required=False,
        max_length=200,
        help_text="Kept with the version.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        base: int,
        initial: Mapping[str, Any] | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(data, initial={"version": base, **(initial or {})}, **keywords)

    def show_refusal(self, refused: Refused, sentence: str) -> None:
        """Put what the service refused beside its field; a lost update goes on from the newest."""
        if refused.code == "profile_has_moved":
            self.data = {**dict(self.data.items()), "version": refused.facts["newest"]}
        if refused.code == "profile_invalid":
            sentence = f"At “{refused.facts['path']}”: {refused.facts['reason']}."
        self.add_error(self.field_at(str(refused.facts.get("path", ""))), sentence)

    def field_at(self, path: str) -> str | None:
        """Return the field for a place of the profile; None for the form as a whole."""
        return path if path in self.fields else None


class ProfileJsonForm(VersionedForm):
    """The whole profile as JSON."""

    text = forms.CharField(
        label="Profile",
        max_length=LONGEST_JSON,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 32, "spellcheck": "false", "class": "code-area", "wrap": "off"}
        ),
    )

    def clean_text(self) -> dict[str, Any]:
        """Return the profile that was typed."""
        try:
            return read_json(self.cleaned_data["text"])
        except Refused as refused:
            raise forms.ValidationError(refused.message) from None

    def field_at(self, path: str) -> str | None:  # noqa: ARG002
        """Everything is said beside the text."""
        return "text"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the instance's side of a profile, as a group of fields."""

    title: str
    text: str
    fields: list[BoundField]


class InstanceForm(VersionedForm):
    """How the instance is asked: one field for each value of the profile's own parts.

    Fields are made from the profile's types, so that what can be chosen is what is understood.
    """

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, base: int, profile: Mapping[str, Any]
    ) -> None:
        super().__init__(data, base=base, initial=_initial(profile))
        for path, field in _fields():
            self.fields[path] = field

    @property
    def parts(self) -> Iterator[Part]:
        """The groups of fields in their order."""
        for name, (title, text) in PARTS.items():
            fields = [self[path] for path in self.fields if path.startswith(f"{name}.")]
            yield Part(title, text, fields)

    def applied_to(self, profile: Mapping[str, Any]) -> dict[str, Any]:
        """Return the profile with what was typed; what equals an unsaid default stays unsaid."""
        changed = deepcopy(dict(profile))
        for path, field in _fields():
            *above, name = path.split(".")
            part = changed
            for step in above:
                part = part.setdefault(step, {})
            value = self.cleaned_data[path]
            if value == "" and isinstance(field, OptionalName):
                part.pop(name, None)
            elif name in part or value != field.initial:
                part[name] = value
        return {name: part for name, part in changed.items() if part != {} or name in profile}


class OptionalName(forms.CharField):
    """A name that is left out of the profile where it is empty."""

    leaves_out = True


def _initial(profile: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, field in _fields():
        value: Any = profile
        for step in path.split("."):
            value = value.get(step, field.initial) if isinstance(value, Mapping) else field.initial
        found[path] = value
    return found


def _fields() -> Iterator[tuple[str, forms.Field]]:
    for part, kind in KINDS.items():
        info = inspect.type_info(kind)
        assert isinstance(info, inspect.StructType)
        for entry in info.fields:
            path = f"{part}.{entry.name}"
            if path == "filter.ops":
                yield from ((f"{path}.{name}", _operator(name)) for name in OPERATORS)
            elif (field := _field(path, entry)) is not None:
                yield path, field


def _operator(name: str) -> forms.Field:
    label, initial = f"Operator “{name}”", "eq" if name == "eq" else ""
    return OptionalName(label=label, initial=initial, required=name == "eq", max_length=40)


def _field(path: str, entry: inspect.Field) -> forms.Field | None:
    """The field for a value of the profile; None for one that leaves no choice."""
    label, help_text = WORDS.get(path, (path.rpartition(".")[2], ""))
    words = {"label": label, "help_text": help_text, "initial": entry.default}
    kind = entry.type
    match kind:
        case inspect.LiteralType(values=values) if len(values) > 1:
            return forms.ChoiceField(choices=[(v, v) for v in values], **words)
        case inspect.IntType():
            return forms.IntegerField(min_value=kind.ge, max_value=kind.le, **words)
        case inspect.BoolType():
            return forms.BooleanField(required=False, **words)
        case inspect.StrType():
            return forms.CharField(required=bool(kind.min_length), max_length=200, **words)
        case inspect.UnionType() if path == "tls.ca_pem":
            area = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
            return forms.CharField(required=False, empty_value=None, widget=area, **words)
        case inspect.UnionType():
            return forms.CharField(required=False, empty_value=None, max_length=200, **words)
    return None
