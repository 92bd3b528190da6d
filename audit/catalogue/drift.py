"""What has changed in an Anaplan model behind the back of the syncs that use it."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_drift = partial(
    ErrorCode,
    kind=Kind.CONFIG,
    origin="Anaplan",
    data="Nothing was uploaded. What was loaded before stays.",
    who="an owner or admin, with the builder of the Anaplan model",
    retry="after that",
)
_ACCEPT = "If it is meant, press “This is right” at the connection; else"

ENTRIES: tuple[ErrorCode, ...] = (
    _drift(
        code="anaplan_import_renamed",
        title="The import action has another name",
        meaning="The import {name} is now called {now}.",
        fix=f"{_ACCEPT} let the model builder give the name back.",
    ),
    _drift(
        code="anaplan_import_deleted",
        title="The import action is gone",
        meaning="The import {name} was deleted, or the connection's user no longer sees it: "
        "Anaplan answers alike to both.",
        fix="Let the model builder bring it back, or choose another import in the sync.",
    ),
    _drift(
        code="anaplan_import_hidden",
        title="The import action is hidden from the connection's user",
        meaning="The import {name} still exists, as a process runs it, but the user of the "
        "connection no longer sees it.",
        fix="Grant the import to the user's model role.",
    ),
    _drift(
        code="anaplan_import_replaced",
        title="Another import action bears the name",
        meaning="{name} was the import {was}; now the import {now} has this name.",
        fix=f"{_ACCEPT} let the model builder restore the first one.",
    ),
    _drift(
        code="anaplan_import_relaid",
        title="The import expects another file",
        meaning="The import {name} was changed: {change}.",
        fix=f"{_ACCEPT} let the model builder undo it. Then look at the columns of the sync.",
    ),
    _drift(
        code="anaplan_import_other_file",
        title="The import reads another file",
        meaning="The import {name} read the file {was} and now reads {now}.",
        fix=f"{_ACCEPT} let the model builder undo it.",
    ),
    _drift(
        code="anaplan_export_renamed",
        title="The export for reading back has another name",
        meaning="The export {name} is now called {now}.",
        fix=f"{_ACCEPT} let the model builder give the name back.",
    ),
    _drift(
        code="anaplan_export_deleted",
        title="The export for reading back is gone",
        meaning="The export {name} was deleted, or the connection's user no longer sees it: "
        "Anaplan answers alike to both.",
        fix="Let the model builder bring it back, or choose another export in the sync.",
    ),
    _drift(
        code="anaplan_export_hidden",
        title="The export for reading back is hidden from the connection's user",
        meaning="The export {name} still exists, as a process runs it, but the user of the "
        "connection no longer sees it.",
        fix="Grant the export to the user's model role.",
    ),
    _drift(
        code="anaplan_export_replaced",
        title="Another export bears the name",
        meaning="{name} was the export {was}; now the export {now} has this name.",
        fix=f"{_ACCEPT} let the model builder restore the first one.",
    ),
    _drift(
        code="anaplan_export_relaid",
        title="The export for reading back is laid out anew",
        meaning="The export {name} was changed: {change}.",
        fix=f"{_ACCEPT} let the model builder undo it.",
    ),
    _drift(
        code="anaplan_process_renamed",
        title="The process has another name",
        meaning="The process {name} is now called {now}.",
        fix=f"{_ACCEPT} let the model builder give the name back.",
    ),
    _drift(
        code="anaplan_process_deleted",
        title="The process is gone",
        meaning="The process {name} was deleted, or the connection's user no longer sees it: "
        "Anaplan answers alike to both.",
        fix="Let the model builder bring it back, or choose another process in the sync.",
    ),
    _drift(
        code="anaplan_process_replaced",
        title="Another process bears the name",
        meaning="{name} was the process {was}; now the process {now} has this name.",
        fix=f"{_ACCEPT} let the model builder restore the first one.",
    ),
    _drift(
        code="anaplan_process_changed",
        title="The process runs other steps",
        meaning="The process {name} was changed: {change}.",
        fix=f"{_ACCEPT} let the model builder undo it.",
    ),
    _drift(
        code="anaplan_process_missing",
        title="No such process",
        meaning="The model has no single process named {name} that the connection's user sees.",
        fix="Choose another process in the sync, or let the model builder grant it.",
    ),
    _drift(
        code="anaplan_process_without_import",
        title="The process does not run the import",
        meaning="The import {step} is no step of the process {name}.",
        fix="Choose a process that runs the import, or none.",
    ),
    _drift(
        code="anaplan_list_renamed",
        title="A list has another name",
        meaning="The list {name}, which the export shows, is now called {now}.",
        fix=f"{_ACCEPT} let the model builder give the name back.",
    ),
    _drift(
        code="anaplan_list_deleted",
        title="A list is gone",
        meaning="The list {name}, which the export showed, is no longer in the model.",
        fix=f"{_ACCEPT} let the model builder bring it back.",
    ),
    _drift(
        code="anaplan_target_changed",
        title="The import was changed while the run worked",
        meaning="{name} is no longer as it was when the run began.",
        fix="Start the run again: it takes the import as it is now.",
        who="an operator of the syncs",
    ),
    ErrorCode(
        code="drift_alarm_ended",
        kind=Kind.CONFIG,
        origin="ml-connector",
        title="The alarm has ended",
        meaning="Somebody has ended this alarm, or the model is again as it was.",
        data="Nothing was changed.",
        fix="Look at the connection anew.",
        who="nobody",
        retry="never by itself",
    ),
    ErrorCode(
        code="drift_not_acceptable",
        kind=Kind.CONFIG,
        origin="ml-connector",
        title="This cannot be taken as right",
        meaning="{name} is not there to be used.",
        data="Nothing was changed.",
        fix="Let the model builder bring it back, or choose another action in the sync.",
        who="an owner or admin",
        retry="never by itself",
    ),
)
