"""The code lists that books may have besides accounts: sub-accounts, projects and currencies."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulators.qad.csvfiles import iter_rows, truth

LAST_MODIFIED = "2010-12-01T08:00:00.000Z"

SUB_ACCOUNT_COLUMNS = (
    ("domain", "sub_account", "description"),
    {"shared_set": "", "is_active": "true"},
)
PROJECT_COLUMNS = (
    ("domain", "project", "description"),
    {"shared_set": "", "is_active": "true", "status_code": ""},
)
CURRENCY_COLUMNS = (("currency", "description"), {"is_active": "true"})


@dataclass(frozen=True, slots=True)
class Code:
    """A sub-account, a project or a currency; an empty domain means that every domain uses it."""

    domain: str
    shared_set: str
    code: str
    description: str
    is_active: bool
    status: str = ""


def read_sub_accounts(folder: Path) -> list[Code]:
    """The sub-accounts of a folder; none without the file."""
    return list(_read(folder / "sub_accounts.csv", *SUB_ACCOUNT_COLUMNS))


def read_projects(folder: Path) -> list[Code]:
    """The projects of a folder; none without the file."""
    return list(_read(folder / "projects.csv", *PROJECT_COLUMNS))


def read_currencies(folder: Path) -> list[Code]:
    """The currencies that a folder describes; none without the file."""
    path = folder / "currencies.csv"
    if not path.exists():
        return []
    return [
        Code("", "", code, description, truth(path, line, active))
        for line, (code, description, active) in iter_rows(path, *CURRENCY_COLUMNS)
    ]


def _read(path: Path, required: tuple[str, ...], optional: dict[str, str]) -> Iterator[Code]:
    if not path.exists():
        return
    for line, (domain, code, description, shared_set, active, *rest) in iter_rows(
        path, required, optional
    ):
        yield Code(domain, shared_set, code, description, truth(path, line, active), *rest)


def sub_account_records(items: Iterable[Code]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(domain, record) of each sub-account by its wire names."""
    for item in items:
        yield (
            item.domain,
            {
                "sharedSetCode": item.shared_set,
                "subAccountCode": item.code,
                "description": item.description,
                "isActive": item.is_active,
                "lastModified": LAST_MODIFIED,
            },
        )


def project_records(items: Iterable[Code]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(domain, record) of each project by its wire names."""
    for item in items:
        yield (
            item.domain,
            {
                "sharedSetCode": item.shared_set,
                "projectCode": item.code,
                "description": item.description,
                "statusCode": item.status,
                "isActive": item.is_active,
                "lastModified": LAST_MODIFIED,
            },
        )


def currency_records(items: Iterable[Code], used: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The record of each currency that is described or used, by its code."""
    known = {item.code: item for item in items}
    for code in sorted({*known, *used}):
        item = known.get(code)
        yield {
            "currencyCode": code,
            "description": item.description if item else code,
            "isActive": item.is_active if item else True,
        }
