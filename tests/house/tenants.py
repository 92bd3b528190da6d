"""An organization with a row in every table, and what all its rows say together."""

from datetime import timedelta
from functools import cache

from django.db import connection
from django.test import Client
from django.test.client import ClientHandler
from django.utils import timezone

from accounts.models import ApiKey, Invitation, Membership, Role
from audit.tenancy import tenant
from connector_site.checks import GLOBAL_TABLES
from connector_site.fences import Table, read_tables
from integrations.models import (
    CheckLevel,
    ClosedChange,
    DocumentCheck,
    DriftAlarm,
    DueRun,
    Evidence,
    EvidenceBlock,
    EvidenceKind,
    KeptAnswer,
    MappingDraft,
    MappingUpload,
    MappingVersion,
    ModelCatalogue,
    Ping,
    PingState,
    PlanVersion,
    Position,
    RecordException,
    Run,
)
from integrations.qad.profile import default_profile
from integrations.selectors.drafts import open_draft
from integrations.services.profiles import digest_of, keep_profile
from integrations.services.sign_in_provider import save_provider
from tests.accounts.keys import make_key
from tests.integrations.desk_scene import add_desk, add_draft, add_upload
from tests.integrations.scenes import (
    House,
    add_closed_change,
    add_difference,
    add_plan,
    add_sign_offs,
    held_run,
    make_house,
)
from tests.names import unique

# Global tables that hold rows of one organization each.
OWNED = tuple(name for name in GLOBAL_TABLES if not name.startswith(("auth_", "django_")))


@cache
def tables() -> tuple[Table, ...]:
    """Every table and view of the product."""
    with connection.cursor() as cursor:
        return tuple(read_tables(cursor, "connector_app"))


def fenced_tables() -> list[str]:
    """Every table and view whose rows belong to organizations and that is fenced."""
    return [table.name for table in tables() if table.name not in GLOBAL_TABLES]


def full_house(**options: str) -> tuple[House, Run]:
    """Return an organization with members of each role and a row in every table, and its run."""
    house = make_house(**options)
    run = _full_run(house)
    with tenant(house.organization.pk):
        block = EvidenceBlock.objects.create(
            organization=house.organization, sha256="ab" * 32, data=b"x", raw_size=1
        )
        Evidence.objects.create(
            organization=house.organization,
            run=run,
            kind=EvidenceKind.PAGE,
            number=0,
            block=block,
            rows=1,
        )
        Position.objects.create(
            organization=house.organization,
            sync=house.sync,
            group="E_US01|Oct 26",
            run=run,
            digest="ab" * 32,
            cells=1,
            read_back_at=timezone.now(),
        )
        add_findings(house, run)
    add_plan(house)
    add_people(house)
    make_key(house.organization, house.member(Role.OWNER))
    save_provider(
        organization=house.organization,
        actor=house.member(Role.OWNER),
        issuer="http://127.0.0.1:1",
        client_id="ml-connector",
        secret="sealed",
        domains=["example.com"],
    )
    DueRun.objects.create(
        run_id=-run.pk, organization_id=house.organization.pk, due_at=timezone.now()
    )
    return house, run


def _full_run(house: House) -> Run:
    run = held_run(house)
    add_difference(run, "E_US01,A_1000,CC_100,Oct 26,USD")
    add_sign_offs(run)
    return run


def add_people(house: House) -> None:
    """Add a member of each role and an invitation."""
    for role in Role:
        house.member(role)
    Invitation.objects.create(
        organization=house.organization,
        email="invited@example.com",
        role=Role.VIEWER,
        token_digest=unique("digest"),
        invited_by="owner@example.com",
        expires_at=timezone.now() + timedelta(days=7),
    )


def add_findings(house: House, run: Run) -> None:
    """Add what pings, checks, looks at the model and a run have found."""
    add_closed_change(run)
    add_desk(house)
    add_upload(house)
    mine = {"organization": house.organization, "connection": house.sync.target}
    now = timezone.now()
    KeptAnswer.objects.create(organization=house.organization, key="ab", digest="ab" * 32)
    Ping.objects.create(**mine, asked_by="owner@example.com")
    keep_profile(house.sync.target, default_profile())
    DocumentCheck.objects.create(
        **mine,
        document="entity",
        digest=digest_of(default_profile()),
        level=CheckLevel.OK,
        checked_at=now,
        checked_by="owner@example.com",
    )
    ModelCatalogue.objects.create(
        **mine,
        workspace_id="w" * 32,
        model_id="M" * 32,
        found_at=now,
        accepted_at=now,
        accepted_by="owner@example.com",
    )
    DriftAlarm.objects.create(
        **mine,
        model_id="M" * 32,
        code="anaplan_import_renamed",
        kind="imports",
        object_id="1",
        name="Actuals",
        facts={"name": "Actuals", "now": "Actuals 2"},
    )


def state_of(organization_id: int, *, without: tuple[str, ...] = ()) -> str:
    """Return one digest over all rows of an organization in all tables."""
    parts = [_digest(name) for name in fenced_tables() if name not in without]
    parts += [
        _digest(table.name, f"WHERE organization_id = {organization_id:d}")
        for table in tables()
        if table.name in OWNED and table.has_organization
    ]
    parts.append(_digest("accounts_organization", f"WHERE id = {organization_id:d}"))
    with tenant(organization_id), connection.cursor() as cursor:
        cursor.execute(f"SELECT md5(concat_ws('|', {', '.join(parts)}))")
        return str(cursor.fetchone()[0])


# When somebody came last is kept whatever they were answered.
_PASSING = "ARRAY['last_seen_at', 'last_used_at', 'last_used_from']"


def _digest(table: str, condition: str = "") -> str:
    row = f"(to_jsonb(t) - {_PASSING})::text"
    rows = f"md5(coalesce(string_agg({row}, '' ORDER BY {row}), ''))"
    return f"(SELECT {rows} FROM {table} AS t {condition})"


def things_of(house: House, run: Run) -> dict[str, object]:
    """Return what addresses may name, by the names of their arguments."""
    organization = house.organization
    member = Membership.objects.get(organization=organization, user=house.member(Role.OPERATOR))
    return {
        "slug": organization.slug,
        "short_name": organization.slug,
        "run_id": run.pk,
        "connection_id": house.sync.target_id,
        "qad_id": house.sync.source_id,
        "sync_id": house.sync.pk,
        "alarm_id": _alarm_id(house),
        "change_id": _change_id(house),
        "draft_id": _draft(house).pk,
        "mapping_id": house.version.pk,
        "version_number": _newest_version(house).number,
        "drafted_id": _drafted_id(house),
        "document": "entity",
        "number": 1,
        "ping_id": _ping_id(house),
        "version_id": _version_id(house),
        "upload_id": _upload_id(house),
        "member_id": member.pk,
        "invitation_id": Invitation.objects.get(organization=organization).pk,
        "token": "t" * 43,
        "key_id": ApiKey.objects.filter(organization=organization).latest("pk").pk,
        "pk": 0,
    }


def _alarm_id(house: House) -> int:
    with tenant(house.organization.pk):
        return DriftAlarm.objects.filter(organization=house.organization).latest("pk").pk


def _version_id(house: House) -> int:
    with tenant(house.organization.pk):
        return PlanVersion.objects.filter(organization=house.organization).latest("pk").pk


def _upload_id(house: House) -> int:
    with tenant(house.organization.pk):
        return MappingUpload.objects.filter(organization=house.organization).latest("pk").pk


def _change_id(house: House) -> int:
    with tenant(house.organization.pk):
        return ClosedChange.objects.filter(organization=house.organization).latest("pk").pk


def _newest_version(house: House) -> MappingVersion:
    with tenant(house.organization.pk):
        return MappingVersion.objects.filter(organization=house.organization).latest("number")


def _draft(house: House) -> MappingDraft:
    """The open draft; a new one where none is open (any more)."""
    with tenant(house.organization.pk):
        found = open_draft(house.organization)
    return found or add_draft(house)


def _drafted_id(house: House) -> int:
    """A change of the open draft; a new one where it has none (any more)."""
    draft = _draft(house)
    with tenant(house.organization.pk):
        found = draft.changes.first()
    if found is None:
        add_draft(house)
        with tenant(house.organization.pk):
            found = draft.changes.get()
    return found.pk


def _ping_id(house: House) -> int:
    """The connection's running ping; a new one where none runs (any more)."""
    mine = {"organization": house.organization, "connection": house.sync.target}
    with tenant(house.organization.pk):
        newest = Ping.objects.filter(**mine).order_by("-pk").first()
        if newest is None or newest.standing != PingState.RUNNING:
            newest = Ping.objects.create(**mine, asked_by="owner@example.com")
    return newest.pk


def form_of(house: House, run: Run) -> dict[str, object]:
    """Return fields of every form at once, filled with what belongs to the organization."""
    return {
        "organization": house.organization.pk,
        "tenant": house.organization.slug,
        "sync": house.sync.pk,
        "given": "M" * 32,
        "place": f"{house.sync.target_id}|{'M' * 32}",
        "period": "202611",
        "pasted": "dimension,code,member\nentity,US01,E_STOLEN\n",
        "others": "replace",
        "record": list(record_ids(run)),
        "scope": "all",
        "verdict": "held",
        "code": "US01",
        "dimension": "entity",
        "member": "E_STOLEN",
        "note": "Stolen",
        "seen": "0" * 64,
        "member_1": "E_STOLEN",
        "rows": "entity||exact|US01|\t\tE_STOLEN",
        "wants": "members",
        "email": "stolen@example.com",
        "role": "viewer",
        "right": "run",
        "day": "2026-11-01",
        "time_zone": "UTC",
        "base_currency": "USD",
        "typed_name": house.organization.name,
        "name": unique("Stolen"),
        "scopes": ["runs:read"],
        "issuer": "https://stolen.example.com",
        "client_id": "stolen",
        "secret": "stolen",
        "tenant_url": "https://stolen.example.com/clouderp",
        "mode": "basic",
        "user": "stolen@example.com",
        "region": "eu3",
        "password": "stolen",
        "domain": "10",
        "entity": "STOLEN",
        "by_hand": "1",
        "domains": "example.com",
        "ends_on": house.organization.today().isoformat(),
    }


# Each handler of its own would load the middleware anew.
_HANDLER = ClientHandler(enforce_csrf_checks=False)
_clients: dict[tuple[int, str], Client] = {}


def nobody() -> Client:
    """Return a client in which nobody is signed in."""
    client = Client()
    client.handler = _HANDLER
    return client


def client_of(house: House, role: Role) -> Client:
    """Return the one client of a member, signed in at its first use."""
    key = (house.organization.pk, role)
    if key not in _clients:
        _clients[key] = nobody()
        _clients[key].force_login(house.member(role))
    return _clients[key]


def record_ids(run: Run) -> list[int]:
    """Return the numbers of a run's records."""
    with tenant(run.organization_id):
        return list(RecordException.objects.filter(run=run).values_list("pk", flat=True))
