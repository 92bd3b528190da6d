"""The verbs of Anaplan's bulk API for one model, as one signed-in user."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from integrations.anaplan import answers
from integrations.anaplan.answers import Json, mapping, text
from integrations.anaplan.calls import AnaplanCalls, read_object
from integrations.anaplan.failures import check_model_id, check_object_id, check_workspace_id
from integrations.anaplan.types import (
    ExportAction,
    ExportDefinition,
    FileSource,
    Hosts,
    ImportAction,
    ImportDefinition,
    ListInfo,
    ListItem,
    Model,
    ModelStatus,
    ModuleInfo,
    OtherAction,
    Task,
    TaskKind,
    TaskRef,
    User,
    Workspace,
)
from integrations.transport.errors import IntegrationError
from integrations.transport.session import EgressSession
from integrations.transport.tokens import TokenSource

LOCALE = "en_US"
GZIP = {"Content-Type": "application/x-gzip"}

T = TypeVar("T")
LONGEST_ID = 64

_WORDS: dict[TaskKind, str] = {
    "imports": "import",
    "exports": "export",
    "actions": "action",
    "processes": "process",
}


class AnaplanClient:
    """Reads the catalogue, uploads, starts actions and follows them, for one model.

    Every failure is an `IntegrationError`. Ids are sent exactly as given; one in the wrong
    case is named before any call. Safe for threads.
    """

    def __init__(
        self,
        *,
        session: EgressSession,
        hosts: Hosts,
        tokens: TokenSource,
        workspace_id: str = "",
        model_id: str = "",
    ) -> None:
        self._calls = AnaplanCalls(session=session, base=hosts.api, tokens=tokens)
        self._workspace_id = workspace_id
        self._model_id = model_id

    def in_model(self, workspace_id: str, model_id: str) -> "AnaplanClient":
        """A client with the same sign-in that speaks to another model."""
        other = copy.copy(self)
        other._workspace_id = workspace_id
        other._model_id = model_id
        return other

    # Catalogue

    def me(self) -> User:
        """Who is signed in. Needs no role in any model: the right call for a ping."""
        what = "read the signed-in user"
        user = answers.user(mapping(self._calls.get("/users/me", what).get("user")))
        if not user.id:
            raise IntegrationError("anaplan_bad_answer", what=what, missing="user")
        if len(user.customer_id) > LONGEST_ID or "\0" in user.customer_id:
            raise IntegrationError("anaplan_bad_answer", what=what, missing="readable customerId")
        return user

    def workspaces(self) -> list[Workspace]:
        """The workspaces that the user can see."""
        rows = self._calls.pages("/workspaces", "workspaces", "list workspaces")
        return [Workspace(text(row.get("id")), text(row.get("name"))) for row in rows]

    def models(self) -> list[Model]:
        """The models of the workspace, or of all workspaces when none was given."""
        path = "/models"
        if self._workspace_id:
            check_workspace_id(self._workspace_id)
            path = f"/workspaces/{self._workspace_id}/models"
        rows = self._calls.pages(path, "models", "list models", modelDetails="true")
        return [answers.model(row, self._workspace_id) for row in rows]

    def files(self) -> list[FileSource]:
        """The files of the model: sources of imports and outputs of exports."""
        return self._list("files", answers.file_source)

    def imports(self) -> list[ImportAction]:
        """The import actions that the user may see."""
        return self._list("imports", answers.import_action)

    def exports(self) -> list[ExportAction]:
        """The export actions that the user may see."""
        return self._list("exports", answers.export_action)

    def other_actions(self) -> list[OtherAction]:
        """Deletions and their like that the user may run."""
        return self._list("actions", answers.other_action)

    def processes(self) -> list[OtherAction]:
        """The processes that the user may run."""
        return self._list("processes", answers.other_action)

    def process_steps(self, process_id: str) -> list[OtherAction]:
        """What a process runs in its order, also steps that the user sees nowhere else."""
        what = f"read the steps of process {process_id}"
        data = self._calls.get(self._path("processes", process_id), what)
        steps = answers.objects(mapping(data.get("processMetadata")).get("actions"))
        return [answers.other_action(step) for step in steps]

    def lists(self) -> list[ListInfo]:
        """The lists of the model."""
        return self._list("lists", lambda row: ListInfo(text(row.get("id")), text(row.get("name"))))

    def modules(self) -> list[ModuleInfo]:
        """The modules of the model."""
        return self._list(
            "modules", lambda row: ModuleInfo(text(row.get("id")), text(row.get("name")))
        )

    def list_items(self, list_id: str) -> list[ListItem]:
        """All members of a list, up to a million, in one answer."""
        what = f"read the members of list {list_id}"
        answer = self._calls.call("GET", self._path("lists", list_id, "items"), what)
        try:
            return answers.list_items(answer.body)
        except msgspec.DecodeError as error:
            answer.json()
            raise IntegrationError(
                "anaplan_bad_answer", str(error), what=what, missing="listItems"
            ) from error

    def model_status(self) -> ModelStatus:
        """What the model does now; answers even while the model is busy."""
        data = self._calls.get(self._path("status"), "read the model's status")
        return answers.model_status(mapping(data.get("requestStatus")) or data)

    def import_definition(self, import_id: str) -> ImportDefinition:
        """How an import reads its file.

        Anaplan answers 500 for an id that it does not know, so the catalogue is asked then.
        """
        what = f"read the definition of import {import_id}"
        try:
            data = self._calls.get(self._path("imports", import_id), what)
        except IntegrationError as error:
            if error.code not in {"anaplan_error", "anaplan_not_found"}:
                raise
            if any(action.id == import_id for action in self.imports()):
                raise
            raise IntegrationError(
                "anaplan_import_missing", error.detail, name=import_id
            ) from error
        return answers.import_definition(mapping(data.get("importMetadata")))

    def export_definition(self, export_id: str) -> ExportDefinition:
        """How an export writes its file."""
        what = f"read the definition of export {export_id}"
        data = self._calls.get(self._path("exports", export_id), what)
        return answers.export_definition(mapping(data.get("exportMetadata")))

    # Upload

    def set_chunk_count(self, file_id: str, count: int) -> None:
        """Begin an upload of `count` chunks (-1: not known yet); replaces this user's content.

        Anaplan makes a new file for an id that it does not know: the caller has checked the
        id against `files`, and an answer for another file is `anaplan_file_mismatch`.
        """
        what = f"begin an upload to file {file_id}"
        path = self._path("files", file_id)
        answer = self._calls.call("POST", path, what, json={"chunkCount": count})
        answered = text(mapping(read_object(answer, what).get("file")).get("id"))
        if answered and answered != file_id:
            raise IntegrationError("anaplan_file_mismatch", answered=answered, wanted=file_id)

    def put_chunk(self, file_id: str, number: int, gzipped: bytes) -> None:
        """Send chunk `number` (from 0), packed with gzip by itself. Sending it again is safe."""
        path = self._path("files", file_id, "chunks", str(number))
        what = f"upload chunk {number} of file {file_id}"
        self._calls.call("PUT", path, what, data=gzipped, headers=GZIP)

    def complete_upload(self, file_id: str) -> None:
        """Say that all chunks are there."""
        path = self._path("files", file_id, "complete")
        self._calls.call(
            "POST", path, f"complete the upload of file {file_id}", json={"id": file_id}
        )

    # Tasks

    def start_import(
        self,
        import_id: str,
        parameters: Sequence[tuple[str, str]] = (),
        *,
        process_id: str = "",
    ) -> str:
        """Start an import and return the id of its task; never repeated by itself.

        `parameters` are (entity type, entity name) pairs for an import that asks each time.
        With `process_id` the process is started, of which the import is a step.
        Raises `anaplan_start_unclear` when the task may or may not have been started.
        """
        body: dict[str, Any] = {"localeName": LOCALE}
        if parameters:
            of_import = {"importId": import_id} if process_id else {}
            body["mappingParameters"] = [
                {"entityType": entity_type, "entityName": name, **of_import}
                for entity_type, name in parameters
            ]
        if process_id:
            return self._start("processes", process_id, body)
        return self._start("imports", import_id, body)

    def start_export(self, export_id: str) -> str:
        """Start an export and return the id of its task; never repeated by itself."""
        return self._start("exports", export_id, {"localeName": LOCALE})

    def list_tasks(self, kind: TaskKind, object_id: str) -> list[TaskRef]:
        """The tasks of an action, newest first, those of other users too.

        An empty list proves nothing: Anaplan gives one also for an unknown id.
        """
        path = self._path(kind, object_id, "tasks")
        what = f"list the tasks of {_WORDS[kind]} {object_id}"
        rows = self._calls.pages(path, "tasks", what, sort="-creationTime")
        found = [answers.task_ref(answers.task_body(row)) for row in rows]
        return sorted(found, key=lambda task: -task.created_ms)

    def get_task(self, kind: TaskKind, object_id: str, task_id: str) -> Task:
        """A task as it stands now."""
        what = f"read task {task_id}"
        data = self._calls.get(self._path(kind, object_id, "tasks", task_id), what)
        task = answers.task(answers.task_body(data))
        if not task.state:
            raise IntegrationError("anaplan_bad_answer", what=what, missing="taskState")
        return task

    def cancel_task(self, kind: TaskKind, object_id: str, task_id: str) -> None:
        """Ask Anaplan to stop a task and roll it back; near its end it may complete instead."""
        path = self._path(kind, object_id, "tasks", task_id)
        self._calls.call("DELETE", path, f"cancel task {task_id}")

    # Downloads

    def iter_dump(self, import_id: str, task_id: str, *, process_id: str = "") -> Iterator[bytes]:
        """The rejected rows of an import task as CSV bytes in pieces, cut anywhere.

        With `process_id` the task is that of a process, of which the import is a step.
        Raises `anaplan_dump_gone` when Anaplan has none (any more).
        """
        what = f"read the rejected rows of task {task_id}"
        path = (
            self._path("processes", process_id, "tasks", task_id, "dumps", import_id)
            if process_id
            else self._path("imports", import_id, "tasks", task_id, "dump")
        )
        try:
            chunks = self._chunk_ids(f"{path}/chunks", what)
        except IntegrationError as error:
            if error.code not in {"anaplan_not_found", "anaplan_bad_request"}:
                raise
            chunks = []
        paths = [f"{path}/chunks/{chunk}" for chunk in chunks] or [path]
        empty = True
        try:
            for chunk_path in paths:
                for piece in self._calls.download(chunk_path, what):
                    empty = False
                    yield piece
        except IntegrationError as error:
            if error.code != "anaplan_not_found":
                raise
            raise IntegrationError("anaplan_dump_gone", error.detail, task=task_id) from error
        if empty:
            raise IntegrationError("anaplan_dump_gone", "empty", task=task_id)

    def iter_file(self, file_id: str) -> Iterator[bytes]:
        """The content of a file or of an export's output, in pieces cut anywhere.

        Raises `anaplan_file_empty` when this user has no content for it.
        """
        what = f"read file {file_id}"
        path = self._path("files", file_id)
        chunks = self._chunk_ids(f"{path}/chunks", what)
        if not chunks:
            raise IntegrationError("anaplan_file_empty", what=file_id)
        for chunk in chunks:
            yield from self._calls.download(f"{path}/chunks/{chunk}", f"{what}, chunk {chunk}")

    def file_chunks(self, file_id: str) -> list[str]:
        """The ids of the chunks that a file or an export's output has, in order."""
        path = self._path("files", file_id)
        return self._chunk_ids(f"{path}/chunks", f"read file {file_id}")

    def read_chunk(self, file_id: str, chunk: str) -> bytes:
        """One chunk of a file whole; a broken download goes on where it broke."""
        path = self._path("files", file_id, "chunks", chunk)
        return b"".join(self._calls.download(path, f"read file {file_id}, chunk {chunk}"))

    def _chunk_ids(self, path: str, what: str) -> list[str]:
        rows = self._calls.pages(path, "chunks", what)
        return [text(row.get("id")) for row in rows]

    def _start(self, kind: TaskKind, object_id: str, body: Mapping[str, Any]) -> str:
        path = self._path(kind, object_id, "tasks")
        answer = self._calls.start(path, f"start {_WORDS[kind]} {object_id}", body)
        try:
            task_id = text(answers.task_body(mapping(answer.json())).get("taskId"))
        except IntegrationError as error:
            raise IntegrationError("anaplan_start_unclear", str(error)) from error
        if not task_id:
            raise IntegrationError("anaplan_start_unclear", answer.sample)
        return task_id

    def _list(self, key: str, build: Callable[[Json], T]) -> list[T]:
        return [build(row) for row in self._calls.pages(self._path(key), key, f"list {key}")]

    def _path(self, *parts: str) -> str:
        """The long form of a path in this model; ids that cannot be right are named first."""
        check_workspace_id(self._workspace_id)
        check_model_id(self._model_id)
        for part in parts:
            check_object_id(part)
        joined = "/".join(quote(part, safe="") for part in parts)
        return f"/workspaces/{self._workspace_id}/models/{self._model_id}/{joined}"
