"""The same load as one would write it first: requests, json, csv, the ORM and anaplan-sdk."""

import csv
import io
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anaplan_sdk
import django
import httpx2
import requests

from benchmarks.orders import Order, answer, peak_megabytes, read_order

API = "api/bdoc/qad"
BALANCES = f"{API}/financials/generalledger/GLBalances"
PERIODS = f"{API}/financials/generalledger/GLPeriods"
ACCOUNTS = f"{API}/base/coa/GLAccounts"
ENTITIES = f"{API}/base/organization/Entities"
HEADERS = ("Entity", "Account", "Cost Center", "Month", "Currency")
EXPORTED = ("Entities", "Accounts", "Cost Centers", "Time", "Currencies")
SHOWN_BY_NAME = ("Entities", "Cost Centers")
MEASURES = ("Debit", "Credit", "Net", "Quantity")
RECORDS_A_STATEMENT = 1_000
POLL_SECONDS = 0.25


class Loopback(httpx2.HTTPTransport):
    """Leads every request of anaplan-sdk, which knows only Anaplan's own hosts, to a stand-in."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = urlsplit(base)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to the same path of the stand-in."""
        base = self._base
        request.url = request.url.copy_with(scheme=base.scheme, host=base.hostname, port=base.port)
        request.headers["Host"] = base.netloc
        return super().handle_request(request)


@dataclass(slots=True)
class Stages:
    """Seconds per stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Add the time of a block to a stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began


class Qad:
    """A session with one QAD, page after page."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._http = requests.Session()
        self._http.trust_env = False
        signed_in = self._http.post(
            f"{order.qad_url}/oauth/token",
            data={
                "grant_type": "password",
                "username": "demo",
                "password": "demo",
                "client_id": "ml-connector",
            },
            timeout=60,
        )
        signed_in.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"

    def pages(
        self, path: str, workspace: str = "", filters: tuple[str, ...] = ()
    ) -> Iterator[list[dict[str, Any]]]:
        """Yield the rows of each page, amounts as Decimal."""
        size, number = self._order.page_size, 1
        while True:
            time.sleep(self._order.gap_ms / 1000)
            params = [("page", str(number)), ("pageSize", str(size))]
            got = self._http.get(
                f"{self._order.qad_url}/{path}",
                params=[*params, *(("filter", condition) for condition in filters)],
                headers={"x-qad-workspace-id": workspace} if workspace else {},
                timeout=120,
            )
            got.raise_for_status()
            rows = json.loads(got.content, parse_float=Decimal)["data"]
            yield rows
            if len(rows) < size:
                return
            number += 1

    def all(self, path: str, workspace: str = "") -> list[dict[str, Any]]:
        """Return all rows of a short list."""
        return [row for page in self.pages(path, workspace) for row in page]


class Load:
    """All books into one file, one import, and back."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._stages = Stages()
        self._members = _read_mapping(order.mapping)
        self._file = io.StringIO()
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._sent: dict[tuple[str, ...], tuple[Decimal, ...]] = {}
        self._rows = 0

    def run(self) -> dict[str, Any]:
        """Load everything; returns seconds, stages, peak and sums."""
        began, worked = time.perf_counter(), time.process_time()
        self._writer.writerow((*HEADERS, *MEASURES))
        self._read()
        client, ids = self._sign_in()
        with self._stages.time("upload"):
            client.upload_file(ids["file"], self._file.getvalue())
        with self._stages.time("import"):
            client.run_action(ids["import"])
        seconds_without = time.perf_counter() - began
        differences = self._read_back(client, ids["export"])
        seconds = time.perf_counter() - began
        return {
            "seconds": seconds if self._order.is_read_back else seconds_without,
            "seconds_without_read_back": seconds_without,
            "cpu_seconds": time.process_time() - worked,
            "peak_mb": peak_megabytes(),
            "stages": self._stages.seconds,
            "state": "reconciled" if not differences else "failed",
            "counts": {"rows": self._rows, "cells": len(self._sent)},
            "sums": {
                name.lower(): str(sum((values[place] for values in self._sent.values()), Decimal()))
                for place, name in enumerate(MEASURES)
            },
        }

    def _read(self) -> None:
        qad = Qad(self._order)
        with self._stages.time("read"):
            entities = qad.all(ENTITIES)
        for entity in entities:
            workspace = f"{entity['domainCode']}_{entity['entityCode']}"
            with self._stages.time("read"):
                statistical = {
                    row["glAccountCode"]
                    for row in qad.all(ACCOUNTS, workspace)
                    if row["glTypeCode"].upper() == "STATISTICAL"
                }
                periods = [row["yearPeriod"] for row in qad.all(PERIODS, workspace)]
            for period in periods:
                self._read_unit(qad, workspace, period, statistical)

    def _read_unit(self, qad: Qad, workspace: str, period: object, statistical: set[str]) -> None:
        filters = ("layerType,eq,OFFICIAL,literal", f"yearPeriod,eq,{period},literal")
        pages = qad.pages(BALANCES, workspace, filters)
        while True:
            with self._stages.time("read"):
                rows = next(pages, None)
            if rows is None:
                return
            with self._stages.time("audit"):
                _keep(rows)
            with self._stages.time("write"):
                for row in rows:
                    self._write(row, is_statistical=row["glAccountCode"] in statistical)
            self._rows += len(rows)

    def _write(self, row: dict[str, Any], *, is_statistical: bool) -> None:
        members = self._members
        key = (
            members["entity", row["entityCode"]],
            members["gl_account", row["glAccountCode"]],
            members["cost_center", row["costCenterCode"]],
            members["period", str(row["yearPeriod"])],
            members["currency", row["baseCurrencyCode"]],
        )
        zero = Decimal(0)
        values = (
            (zero, zero, zero, Decimal(row["netBC"]))
            if is_statistical
            else (
                Decimal(row["debitBC"]),
                Decimal(row["creditBC"]),
                Decimal(row["netBC"]),
                zero,
            )
        )
        self._writer.writerow((*key, *values))
        self._sent[key] = values

    def _sign_in(self) -> tuple[Any, dict[str, int]]:
        described = json.loads(Path(self._order.model).read_text(encoding="utf-8"))
        workspace = described["workspaces"][0]
        model, user = workspace["models"][0], described["users"][0]
        client = anaplan_sdk.Client(
            workspace_id=workspace["id"],
            model_id=model["id"],
            user_email=user["email"],
            password=user["password"],
            # Any token: without one the client signs in at Anaplan's own host when it is made.
            token="bootstrap",
            status_poll_delay=POLL_SECONDS,
            timeout=600,
            transport=Loopback(self._order.anaplan_url),
        )
        names = {
            rule[1]: rule[2] for rule in _mapping_rows(self._order.mapping) if rule[0] == "action"
        }
        with self._stages.time("upload"):
            source = next(item for item in client.get_imports() if item.name == names["import"])
            export = next(item for item in client.get_exports() if item.name == names["export"])
        return client, {
            "import": source.id,
            "file": source.file_id,
            "export": export.id,
        }

    def _read_back(self, client: Any, export: int) -> int:
        """Export the module and compare each cell; returns how many differ."""
        with self._stages.time("export"):
            content = client.export_and_download(export)
        with self._stages.time("compare"):
            codes = _codes_by_name(client)
            found: dict[tuple[str, ...], tuple[Decimal, ...]] = {}
            for row in csv.DictReader(io.StringIO(content.decode())):
                key = tuple(codes.get((name, row[name]), row[name]) for name in EXPORTED)
                found[key] = tuple(Decimal(row[measure]) for measure in MEASURES)
            return sum(found.get(key) != values for key, values in self._sent.items())


def _codes_by_name(client: Any) -> dict[tuple[str, str], str]:
    """Return the codes of the lists that the export shows by name."""
    lists = {item.name: item.id for item in client.tr.get_lists()}
    return {
        (name, item.name): item.code
        for name in SHOWN_BY_NAME
        for item in client.tr.get_list_items(lists[name])
    }


def _keep(rows: list[dict[str, Any]]) -> None:
    from benchmarks.audit_table import Record

    Record._default_manager.bulk_create(
        [
            Record(
                organization_id=1,
                run_id=1,
                entity=row["entityCode"],
                period=row["yearPeriod"],
                source_key="|".join(
                    str(row[name])
                    for name in ("entityCode", "yearPeriod", "glAccountCode", "costCenterCode")
                ),
                status="read",
                payload=row,
            )
            for row in rows
        ],
        batch_size=RECORDS_A_STATEMENT,
    )


def _mapping_rows(path: str) -> list[list[str]]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _read_mapping(path: str) -> dict[tuple[str, str], str]:
    return {(rule[0], rule[1]): rule[2] for rule in _mapping_rows(path)}


if __name__ == "__main__":
    django.setup()
    from benchmarks.audit_table import audit_table

    with audit_table(os.environ["DATABASE_OWNER_URL"]):
        answer(Load(read_order()).run())
