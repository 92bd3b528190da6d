"""The conventions of a sync as an editor asks for them, and its answers as they are kept."""

from collections.abc import Mapping
from typing import Any

import msgspec

from integrations.pipeline.conventions import Conventions
from integrations.pipeline.streams import DataSet

LEFT_OUT = "left_out_"
_LISTS = ("code", "name")
_USUAL = Conventions()


def questions(data_set: DataSet) -> tuple[str, ...]:
    """Return the names of the conventions that matter to a data set, in the order of the form."""
    if data_set.is_list:
        return tuple(f"member_{part}" for part in _LISTS)
    return (
        *(("sign",) if "net" in data_set.measures else ()),
        "currency",
        "period_name",
        "period_types",
        *(("layers",) if data_set.has_accounts else ()),
        *(LEFT_OUT + field for field in data_set.left_out),
    )


def as_answers(kept: Mapping[str, Any], data_set: DataSet) -> dict[str, Any]:
    """Return what a form says for kept conventions; several words stand in one text."""
    given = {**msgspec.to_builtins(_USUAL), **kept}
    left_out = data_set.left_out if given["left_out"] is None else given["left_out"]
    given |= {LEFT_OUT + field: left_out.get(field, ()) for field in data_set.left_out}
    return {name: _text(given[name]) for name in questions(data_set)}


def from_answers(
    answers: Mapping[str, Any], data_set: DataSet, kept: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the conventions that are kept for answers: what is usual is not written down.

    What no form asks for stays as it was `kept` for this data set.
    """
    asked = questions(data_set)
    found = {name: value for name, value in kept.items() if name not in asked}
    usual = {**as_answers({}, data_set)}
    left_out = dict(data_set.left_out if kept.get("left_out") is None else kept["left_out"])
    for name in asked:
        value = answers.get(name, "")
        if name.startswith(LEFT_OUT):
            left_out[name.removeprefix(LEFT_OUT)] = _words(value)
        elif value != usual[name]:
            is_many = isinstance(getattr(_USUAL, name), tuple)
            found[name] = _words(value) if is_many else value
    found.pop("left_out", None)
    if {key: list(value) for key, value in left_out.items()} != {
        key: list(value) for key, value in data_set.left_out.items()
    }:
        found["left_out"] = {key: list(value) for key, value in left_out.items()}
    return found


def question_of(place: str, data_set: DataSet) -> str:
    """Return the question that a place inside the conventions belongs to; "" for none."""
    name = place.partition("[")[0].partition(".")[0]
    asked = questions(data_set)
    if name in asked:
        return name
    return next((other for other in asked if name and other.startswith(f"{name}_")), "")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _words(text: str) -> list[str]:
    return [word for part in text.split(",") if (word := part.strip())]
