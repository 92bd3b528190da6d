"""The members of a model file, as documented in docs/simulators-anaplan.md."""

from typing import Literal

import msgspec

Encoding = Literal["UTF-8", "ISO-8859-1", "UTF-16LE"]
State = Literal[
    "UNLOCKED", "PRODUCTION", "LOCKED", "MAINTENANCE", "PRODUCTION_MAINTENANCE", "ARCHIVED"
]


class Part(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """An object of the file; a member that it does not know is an error."""


UserStatus = Literal["active", "locked", "deactivated", "password_expired"]


Role = Literal["workspaceAdmin", "tenantAdmin", "tenantAuditor", "visitor"]


class UserPart(Part):
    """Somebody who may sign in; `models` None means all of them, `no_access` are seen from outside.

    `certificates` are PEM files. A user of a single sign-on (`sso`) may use a password at
    the token service only as an exception user (Anaplan help: "Assign Exception Users").
    """

    id: str
    email: str
    password: str
    first_name: str
    last_name: str
    models: tuple[str, ...] | None = None
    no_access: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    status: UserStatus = "active"
    sso: bool = False
    exception_user: bool = False
    granted: tuple[str, ...] | None = None
    roles: tuple[Role, ...] = ("workspaceAdmin", "tenantAdmin", "tenantAuditor")


class OAuthClientPart(Part):
    """An OAuth client; one of either kind, as in Anaplan's administration.

    `refresh_seconds` is how long a rotatable refresh token lives. A `trial` client may have
    redirect URIs that are not https or lead to this machine, which Anaplan refuses.
    """

    id: str
    name: str
    grant: Literal["authorization_code", "device"]
    secret: str = ""
    redirect_uris: tuple[str, ...] = ()
    rotatable: bool = True
    refresh_seconds: int = 43_000
    trial: bool = False


class ItemPart(Part):
    """A member of a list."""

    name: str
    code: str = ""
    parent: str = ""


class ListPart(Part):
    """A list with its members in the file or in a CSV beside it."""

    id: str
    name: str
    items: tuple[ItemPart, ...] = ()
    items_csv: str = msgspec.field(default="", name="items_csv")


class LineItemPart(Part):
    """A line item; a calculated one takes no values."""

    id: str
    name: str
    format: Literal["NUMBER", "TEXT"] = "NUMBER"
    calculated: bool = False


class ModulePart(Part):
    """A module with its dimensions by name."""

    id: str
    name: str
    dimensions: tuple[str, ...]
    line_items: tuple[LineItemPart, ...]
    cells_csv: str = msgspec.field(default="", name="cells_csv")


class ViewPart(Part):
    """A saved view: its dimensions by axis, and which line items it shows (all without any)."""

    id: str
    name: str
    module: str
    rows: tuple[str, ...]
    columns: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    line_items: tuple[str, ...] = ()


class FilePart(Part):
    """A data source that an import reads; empty texts are taken from that import."""

    id: str
    name: str
    encoding: Encoding | Literal[""] = ""
    separator: str = ""
    delimiter: str = ""
    content: str = ""


class SourcePart(Part):
    """Where an import without a file reads: a module or view, or a list, of this or a model."""

    model: str = ""
    view: str = ""
    list: str = ""


class ImportColumn(Part):
    """One column of an imported file, or a member that every row goes to."""

    header: str = ""
    dimension: str = ""
    match: Literal["code", "name", "any"] = "any"
    line_item: str = ""
    member: str = ""
    ask: str = ""
    property: Literal["name", "code", "parent", ""] = ""


class ImportPart(Part):
    """An import action into a module or a list."""

    id: str
    name: str
    columns: tuple[ImportColumn, ...]
    file_id: str = ""
    source: SourcePart | None = None
    module: str = ""
    list: str = ""
    on_unknown: Literal["reject", "ignore"] = "reject"
    on_bad_number: Literal["reject", "warn"] = "reject"
    encoding: Encoding = "UTF-8"
    separator: str = ","
    delimiter: str = '"'
    decimal_separator: str = "."


class ExportColumn(Part):
    """One column of an exported file, or a member that its rows are limited to."""

    header: str = ""
    dimension: str = ""
    show: Literal["code", "name", ""] = ""
    line_item: str = ""
    member: str = ""


class ExportPart(Part):
    """An export action of a module."""

    id: str
    name: str
    module: str
    columns: tuple[ExportColumn, ...]
    omit_empty_rows: bool = True
    encoding: Encoding = "UTF-8"
    separator: str = ","
    layout: Literal["TABULAR_MULTI_COLUMN"] = "TABULAR_MULTI_COLUMN"


class ActionPart(Part):
    """A deletion of a module's cells or of a list's members, limited by `members`."""

    id: str
    name: str
    module: str = ""
    list: str = ""
    members: dict[str, tuple[str, ...]] = {}
    action_type: str = "DELETE_BY_SELECTION"


class ProcessPart(Part):
    """Imports, exports and actions run one after the other, by name or id."""

    id: str
    name: str
    steps: tuple[str, ...]


class ModelPart(Part):
    """One model of a workspace."""

    id: str
    name: str
    lists: tuple[ListPart, ...]
    modules: tuple[ModulePart, ...]
    active_state: State = "UNLOCKED"
    time: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    views: tuple[ViewPart, ...] = ()
    files: tuple[FilePart, ...] = ()
    imports: tuple[ImportPart, ...] = ()
    exports: tuple[ExportPart, ...] = ()
    actions: tuple[ActionPart, ...] = ()
    processes: tuple[ProcessPart, ...] = ()


class WorkspacePart(Part):
    """A workspace; the sizes in bytes are only shown."""

    id: str
    name: str
    models: tuple[ModelPart, ...]
    size_allowance: int = 10 * 1024**3
    current_size: int = 1024**3


class CustomerPart(Part):
    """The customer that everything belongs to."""

    id: str
    name: str


class ModelFile(Part):
    """The whole file."""

    customer: CustomerPart
    users: tuple[UserPart, ...]
    workspaces: tuple[WorkspacePart, ...]
    oauth_clients: tuple[OAuthClientPart, ...] = ()
    certificate_authorities: tuple[str, ...] = ()
