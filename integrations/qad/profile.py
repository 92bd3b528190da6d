"""The instance profile: where a QAD keeps its documents and how it names their fields."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from integrations.qad.defaults import default_profile
from integrations.qad.texts import find_unkept, fits_header
from integrations.qad.types import OTHER_CURRENCIES, Workspace, kind_of
from integrations.transport.errors import IntegrationError

__all__ = ["Document", "Profile", "default_profile"]

LARGEST_PAGE = 20_000
MOST_CALLS = 16

T = TypeVar("T")
Name = Annotated[str, Meta(min_length=1, max_length=200)]
_PATH = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_URN = re.compile(r"[A-Za-z0-9:._-]+")
_PLURAL = re.compile(r"[A-Za-z0-9_]+")
_CANONICAL = re.compile(r"[a-z][a-z0-9_]*")
_NO_HEADER = "a header takes one line of Latin-1 letters, and no space in front"


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the profile; a name that it does not know is an error, not a silent loss."""


class Auth(_Part, frozen=True, kw_only=True):
    """How to sign in; secrets are never here. Times are seconds.

    `login_path` and `login_fields` say where the sign-in form goes, and what it calls user and
    password.
    """

    mode: Literal["oauth2_password", "basic", "bearer_static", "session_form"] = "oauth2_password"
    token_path: Name = "oauth/token"  # noqa: S105
    send_as: Literal["form"] = "form"
    client_id: str = ""
    refresh: bool = True
    default_ttl_s: Annotated[int, Meta(ge=10)] = 300
    margin_s: Annotated[int, Meta(ge=0)] = 60
    login_path: Name = "login"
    login_fields: tuple[Name, Name] = ("username", "password")


class WorkspaceRule(_Part, frozen=True, kw_only=True):
    """How a call says for which entity it is."""

    header: Name = "x-qad-workspace-id"
    format: Name = "{domain}_{entity}"


class Paging(_Part, frozen=True, kw_only=True):
    """How a list is asked for page by page, and when it ends."""

    page_param: Name = "page"
    size_param: Name = "pageSize"
    first_page: Annotated[int, Meta(ge=0, le=1)] = 1
    size: Annotated[int, Meta(ge=1, le=LARGEST_PAGE)] = 500
    action_param: str | None = "pageAction"
    action_first: str = "first"
    action_next: str = "next"
    total_key: str = "totalCount"
    max_pages: Annotated[int, Meta(ge=1)] = 5000
    stop: Literal["short_page", "empty_page", "total_count"] = "short_page"


class FilterRule(_Part, frozen=True, kw_only=True):
    """How conditions are written."""

    param: Name = "filter"
    grammar: Literal["field,op,value,literal", "field,op,value,", "field,op,value"] = (
        "field,op,value,literal"
    )
    join: Literal["repeat"] = "repeat"
    ops: dict[Literal["eq", "ne", "gt", "ge", "lt", "le"], Name] = msgspec.field(
        default_factory=lambda: {"eq": "eq"}
    )


class SortRule(_Part, frozen=True, kw_only=True):
    """How an order is asked for; no parameter name means that it is not."""

    param: str | None = "sort"
    format: Name = "{field},{dir}"


class Dates(_Part, frozen=True, kw_only=True):
    """How dates are written: QAD's midnight Z is a date, never a moment."""

    wire: Literal["iso_midnight_z"] = "iso_midnight_z"


class Limits(_Part, frozen=True, kw_only=True):
    """The manners of this instance: calls in flight, their spacing, waits in seconds."""

    concurrency: Annotated[int, Meta(ge=1, le=MOST_CALLS)] = 2
    min_gap_ms: Annotated[int, Meta(ge=0, le=5_000)] = 100
    connect_s: Annotated[int, Meta(ge=1, le=60)] = 10
    read_s: Annotated[int, Meta(ge=1, le=600)] = 120
    tries: Annotated[int, Meta(ge=1, le=10)] = 4


class Tls(_Part, frozen=True, kw_only=True):
    """Trust: checking cannot be switched off; an own authority can be added as PEM text."""

    verify: Literal[True] = True
    ca_pem: str | None = None


class Document(_Part, frozen=True, kw_only=True):
    """One document: where it is, and which wire name each canonical field has."""

    style: Literal["bdoc", "entity", "browse"] = "bdoc"
    path: str = ""
    browse_id: str | None = None
    entity_uri: str | None = None
    plural: str | None = None
    rows_at: str = "data"
    scope: Literal["instance", "domain", "entity"] = "entity"
    static_filters: tuple[tuple[Name, Literal["eq", "ne", "gt", "ge", "lt", "le"], str], ...] = ()
    sort: tuple[Name, ...] = ()
    key: tuple[Name, ...]
    map: dict[Name, Name]
    value_map: dict[Name, dict[str, str]] = {}
    required: tuple[Name, ...] = ()
    amounts_as_text: bool = False
    measure: Literal["movement", "cumulative"] = "movement"
    official_only_confirmed: bool = False
    enabled: bool = True

    @property
    def url_path(self) -> str:
        """The path below the tenant URL."""
        if self.style == "browse":
            return "api/qracore/browses"
        return f"api/erp/{self.plural}" if self.style == "entity" else self.path

    @property
    def list_at(self) -> str:
        """Where the rows stand in an answer, as keys joined by dots; "" is the top."""
        if self.style == "entity" and self.rows_at == "data":
            return f"data.{self.plural}"
        return self.rows_at

    @property
    def needed(self) -> frozenset[str]:
        """The fields without which a row is of no use: the required ones and the amounts."""
        amounts = {name for name in self.map if kind_of(name) == "amount"}
        return frozenset(self.required) | (amounts - self.on_demand)

    @property
    def on_demand(self) -> frozenset[str]:
        """Amounts in other currencies than the base: only who asks for them needs them."""
        return OTHER_CURRENCIES & self.map.keys() - frozenset(self.required)

    def wire(self, name: str) -> str | None:
        """The wire name of a canonical field; None when the profile does not map it."""
        return self.map.get(name)


class Profile(_Part, frozen=True, kw_only=True):
    """Everything that differs from one QAD instance to the next. Build it with `parse`."""

    profile_version: Literal[1] = 1
    tenant_url: str = ""
    auth: Auth = Auth()
    workspace: WorkspaceRule = WorkspaceRule()
    paging: Paging = Paging()
    filter: FilterRule = FilterRule()
    sort: SortRule = SortRule()
    fields_param: None = None
    dates: Dates = Dates()
    limits: Limits = Limits()
    tls: Tls = Tls()
    documents: dict[Name, Document]

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> "Profile":
        """The checked profile. Raises `profile_invalid` with the path and the reason."""
        unkept = find_unkept(data)
        if unkept:
            raise _invalid(*unkept)
        given = dict(data)
        entries = given.pop("documents", None)
        if not isinstance(entries, Mapping):
            raise _invalid("documents", "it is no object of documents")
        documents = {
            str(name): _convert(entry, Document, f"documents.{name}")
            for name, entry in entries.items()
        }
        profile = msgspec.structs.replace(
            _convert({**given, "documents": {}}, cls, ""), documents=documents
        )
        _check_instance(profile)
        for name, document in profile.documents.items():
            if not _CANONICAL.fullmatch(name):
                raise _invalid("documents", f"“{name}” is no name: small letters, digits, “_”")
            _check_document(f"documents.{name}", document)
        return profile

    def document(self, name: str) -> Document:
        """An enabled document. Raises `profile_invalid` when there is none of that name."""
        found = self.documents.get(name)
        if found is None or not found.enabled:
            raise _invalid(f"documents.{name}", "the document is missing or switched off")
        return found

    def hurried(self, limits: Mapping[str, int]) -> "Profile":
        """The same profile with those of its limits lowered that are above the given ones."""
        lower = {name: min(value, getattr(self.limits, name)) for name, value in limits.items()}
        return msgspec.structs.replace(self, limits=msgspec.structs.replace(self.limits, **lower))

    def workspace_id(self, workspace: Workspace) -> str:
        """The value of the workspace header."""
        return self.workspace.format.replace("{domain}", workspace.domain).replace(
            "{entity}", workspace.entity
        )

    def workspace_header(self, workspace: Workspace) -> dict[str, str]:
        """The header that says for which entity a call is.

        Raises `profile_invalid` where the names of domain and entity cannot stand in one.
        """
        value = self.workspace_id(workspace)
        if not fits_header(value):
            raise _invalid("workspace.format", f"“{value}” comes of it, and {_NO_HEADER}")
        return {self.workspace.header: value}


def _convert(value: Any, kind: type[T], place: str) -> T:
    """The value as that part of the profile; an error names the place inside it."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at ")
        inside = where.rpartition("$")[2].strip("`. ")
        path = ".".join(part for part in (place, inside) if part)
        raise _invalid(path or "profile", reason) from error


def _check_instance(profile: Profile) -> None:
    _check_path("auth.token_path", profile.auth.token_path)
    _check_path("auth.login_path", profile.auth.login_path)
    if not _TOKEN.fullmatch(profile.workspace.header):
        raise _invalid("workspace.header", "it cannot be the name of a header")
    left = profile.workspace.format.replace("{domain}", "").replace("{entity}", "")
    if "{" in left or "}" in left or "{entity}" not in profile.workspace.format:
        raise _invalid("workspace.format", "it has {entity}, may have {domain}, and no other {}")
    if not fits_header(profile.workspace.format):
        raise _invalid("workspace.format", _NO_HEADER)
    if "eq" not in profile.filter.ops:
        raise _invalid("filter.ops", "it has no “eq”")


def _check_document(place: str, document: Document) -> None:
    _check_address(place, document)
    for name in document.map:
        if not _CANONICAL.fullmatch(name):
            raise _invalid(f"{place}.map", f"“{name}” is no canonical name")
    for wire in document.map.values():
        twins = [name for name, other in document.map.items() if other == wire]
        if len(twins) > 1:
            raise _invalid(f"{place}.map", f"“{wire}” stands for both {' and '.join(twins)}")
    for part, names in (
        ("key", document.key),
        ("required", document.required),
        ("sort", document.sort),
        ("static_filters", tuple(entry[0] for entry in document.static_filters)),
        ("value_map", tuple(document.value_map)),
    ):
        for name in names:
            if name not in document.map:
                raise _invalid(f"{place}.{part}", f"“{name}” is not in map{_near(name, document)}")
    if not document.key:
        raise _invalid(f"{place}.key", "it is empty; rows could not be told apart")
    for entry in document.static_filters:
        check_filter_value(f"{place}.static_filters", entry[2])


def _check_address(place: str, document: Document) -> None:
    if document.style == "bdoc":
        _check_path(f"{place}.path", document.path)
    elif document.style == "browse" and not _URN.fullmatch(document.browse_id or ""):
        raise _invalid(f"{place}.browse_id", "a browse needs its id, such as urn:browse:mfg:gl111")
    elif document.style == "entity":
        if not _PLURAL.fullmatch(document.plural or ""):
            raise _invalid(f"{place}.plural", "an entity needs its plural name")
        if not _URN.fullmatch(document.entity_uri or ""):
            raise _invalid(f"{place}.entity_uri", "an entity needs its URI, such as urn:be:com.…")


def _check_path(place: str, path: str) -> None:
    if not _PATH.fullmatch(path) or any(piece.strip(".") == "" for piece in path.split("/")):
        raise _invalid(place, "a path has letters, digits, “_”, “.”, “-” and single “/” inside")


def check_filter_value(place: str, value: str) -> None:
    """Raise unless the value can stand in a filter; QAD's grammar has no escape for a comma."""
    if "," in value or any(ord(letter) < 32 for letter in value):
        raise _invalid(place, "a filter value cannot hold a comma or a control character")


def _near(name: str, document: Document) -> str:
    for canonical, wire in document.map.items():
        if wire == name:
            return f"; QAD's name “{name}” is “{canonical}” there"
    return ""


def _invalid(path: str, reason: str) -> IntegrationError:
    return IntegrationError("profile_invalid", path=path, reason=reason)
