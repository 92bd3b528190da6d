"""Reads Anaplan's JSON leniently: missing, extra, numeric or textual values are all met."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from integrations.anaplan.types import (
    Detail,
    ExportAction,
    ExportDefinition,
    FileSource,
    ImportAction,
    ImportDefinition,
    ListItem,
    Model,
    ModelStatus,
    OtherAction,
    Task,
    TaskRef,
    TaskResult,
    User,
)

Json = Mapping[str, Any]


def text(value: Any) -> str:
    """The value as text; "" for null."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value)


def whole(value: Any) -> int:
    """The value as a whole number; 0 when it is none."""
    try:
        return int(str(value).split(".", 1)[0])
    except ValueError:
        return 0


def share(value: Any) -> float:
    """A progress; 0 when it is none."""
    try:
        return float(text(value) or 0)
    except ValueError:
        return 0.0


def flag(value: Any) -> bool | None:
    """True, False, or None when Anaplan did not say."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(text(value).lower())


def mapping(value: Any) -> Json:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def objects(value: Any) -> list[Json]:
    """The objects of a list; an empty list when the key was left out, one for a single object."""
    if isinstance(value, Mapping):
        return [value]
    return [entry for entry in value if isinstance(entry, Mapping)] if value else []


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts."""
    return tuple(text(entry) for entry in value) if isinstance(value, list) else ()


def user(data: Json) -> User:
    """A user."""
    return User(text(data.get("id")), text(data.get("email")), text(data.get("customerId")))


def model(data: Json, workspace_id: str) -> Model:
    """A model."""
    return Model(
        id=text(data.get("id")),
        name=text(data.get("name")),
        state=text(data.get("activeState")).upper(),
        workspace_id=text(data.get("currentWorkspaceId")) or workspace_id,
        workspace_name=text(data.get("currentWorkspaceName")),
    )


def file_source(data: Json) -> FileSource:
    """A file."""
    return FileSource(
        id=text(data.get("id")),
        name=text(data.get("name")),
        chunk_count=whole(data.get("chunkCount")),
        encoding=text(data.get("encoding")),
        separator=text(data.get("separator")),
        delimiter=text(data.get("delimiter")),
        header_row=whole(data.get("headerRow")),
        first_data_row=whole(data.get("firstDataRow")),
    )


def import_action(data: Json) -> ImportAction:
    """An import."""
    return ImportAction(
        id=text(data.get("id")),
        name=text(data.get("name")),
        file_id=text(data.get("importDataSourceId")),
        import_type=text(data.get("importType")),
    )


def export_action(data: Json) -> ExportAction:
    """An export."""
    return ExportAction(
        id=text(data.get("id")),
        name=text(data.get("name")),
        format=text(data.get("exportFormat")),
        encoding=text(data.get("encoding")),
        layout=text(data.get("layout")),
    )


def other_action(data: Json) -> OtherAction:
    """An action that is neither import nor export, or a process."""
    return OtherAction(
        id=text(data.get("id")), name=text(data.get("name")), type=text(data.get("actionType"))
    )


def import_definition(data: Json) -> ImportDefinition:
    """The definition of an import."""
    source = mapping(data.get("source"))
    return ImportDefinition(
        name=text(data.get("name")),
        type=text(data.get("type")),
        encoding=text(source.get("textEncoding")),
        separator=text(source.get("columnSeparator")),
        delimiter=text(source.get("textDelimiter")),
        decimal_separator=text(source.get("decimalSeparator")),
        header_row=whole(source.get("headerRow")),
        first_data_row=whole(source.get("firstDataRow")),
        headers=texts(source.get("headerNames")),
    )


def export_definition(data: Json) -> ExportDefinition:
    """The definition of an export."""
    return ExportDefinition(
        headers=texts(data.get("headerNames")),
        data_types=texts(data.get("dataTypes")),
        encoding=text(data.get("encoding")),
        separator=text(data.get("separator")),
        delimiter=text(data.get("delimiter")),
        layout=text(data.get("layout")),
        row_count=whole(data.get("rowCount")),
        list_names=texts(data.get("listNames")),
    )


def model_status(data: Json) -> ModelStatus:
    """The status of a model."""
    return ModelStatus(
        step=text(data.get("currentStep")),
        progress=share(data.get("progress")),
        tooltip=text(data.get("tooltip")),
        task_id=text(data.get("taskId")),
    )


def task_body(data: Json) -> Json:
    """The task inside an answer: under `task`, or the answer itself."""
    inner = data.get("task")
    return inner if isinstance(inner, Mapping) else data


def task_ref(data: Json) -> TaskRef:
    """A task of the history."""
    return TaskRef(
        id=text(data.get("taskId")),
        state=text(data.get("taskState")).upper(),
        created_ms=whole(data.get("creationTime")),
    )


def task(data: Json) -> Task:
    """A polled task."""
    result = data.get("result")
    return Task(
        id=text(data.get("taskId")),
        state=text(data.get("taskState")).upper(),
        progress=share(data.get("progress")),
        step=text(data.get("currentStep")),
        created_ms=whole(data.get("creationTime")),
        result=_result(result) if isinstance(result, Mapping) else None,
    )


def _result(data: Json) -> TaskResult:
    return TaskResult(
        successful=flag(data.get("successful")),
        failure_dump_available=flag(data.get("failureDumpAvailable")) is True,
        details=tuple(_detail(entry) for entry in objects(data.get("details"))),
        nested=tuple(_result(entry) for entry in objects(data.get("nestedResults"))),
        object_id=text(data.get("objectId")),
        object_name=text(data.get("objectName")),
    )


def _detail(data: Json) -> Detail:
    return Detail(
        type=text(data.get("type")),
        text=text(data.get("localMessageText")),
        occurrences=whole(data.get("occurrences")),
        values=_pairs(data.get("values")),
    )


def _pairs(values: Any) -> dict[str, str]:
    """Anaplan's flat list of key, value, key, value; an object is taken as it is."""
    if isinstance(values, Mapping):
        return {text(name): text(value) for name, value in values.items()}
    flat = texts(values)
    return dict(zip(flat[::2], flat[1::2], strict=False))


class _Item(msgspec.Struct, gc=False):
    id: str | int = ""
    name: str | int = ""
    code: str | int | None = None
    parent: str | int | None = None


class _Items(msgspec.Struct):
    items: list[_Item] = msgspec.field(name="listItems", default_factory=list)


_ITEMS = msgspec.json.Decoder(_Items)


def list_items(body: bytes) -> list[ListItem]:
    """The members of a list, of which there may be a million.

    Raises `msgspec.DecodeError` when the body is not such a list.
    """
    found: Iterable[_Item] = _ITEMS.decode(body).items
    return [ListItem(*map(text, (row.id, row.name, row.code, row.parent))) for row in found]
