"""The profile that a new QAD connection starts with; customers change it to fit their instance."""

from copy import deepcopy
from typing import Any

_LEDGER = "api/bdoc/qad/financials/generalledger"


def default_profile() -> dict[str, Any]:
    """A fresh copy of the default profile, as JSON values."""
    return deepcopy(_PROFILE)


_DOCUMENTS: dict[str, Any] = {
    "entity": {
        "path": "api/bdoc/qad/base/organization/Entities",
        "scope": "instance",
        "sort": ["domain", "entity"],
        "key": ["domain", "entity"],
        "map": {
            "domain": "domainCode",
            "entity": "entityCode",
            "description": "description",
            "base_currency": "baseCurrencyCode",
            "is_active": "isActive",
        },
        "required": ["domain", "entity", "base_currency"],
    },
    "gl_account": {
        "path": "api/bdoc/qad/base/coa/GLAccounts",
        "scope": "domain",
        "sort": ["code"],
        "key": ["shared_set", "code"],
        "map": {
            "shared_set": "sharedSetCode",
            "code": "glAccountCode",
            "description": "description",
            "gl_type": "glTypeCode",
            "is_balance_sheet": "isBalanceSheet",
            "is_debit": "isDebitAccount",
            "is_active": "isActive",
        },
        "required": ["code", "gl_type"],
    },
    "cost_center": {
        "path": "api/bdoc/qad/base/coa/CostCenters",
        "scope": "domain",
        "sort": ["code"],
        "key": ["shared_set", "code"],
        "map": {
            "shared_set": "sharedSetCode",
            "code": "costCenterCode",
            "description": "description",
            "is_active": "isActive",
        },
        "required": ["code"],
    },
    "gl_period": {
        "path": f"{_LEDGER}/GLPeriods",
        "scope": "entity",
        "sort": ["year_period"],
        "key": ["entity", "year_period"],
        "map": {
            "entity": "entityCode",
            "year_period": "yearPeriod",
            "start_date": "startDate",
            "end_date": "endDate",
            "period_type": "periodType",
            "status": "status",
        },
        "required": ["entity", "year_period", "period_type", "status"],
    },
    "gl_balance": {
        "path": f"{_LEDGER}/GLBalances",
        "scope": "entity",
        "static_filters": [["layer_type", "eq", "OFFICIAL"]],
        "sort": ["gl_account", "sub_account", "cost_center", "project", "layer", "currency"],
        "key": [
            "entity",
            "gl_account",
            "sub_account",
            "cost_center",
            "project",
            "year_period",
            "layer",
            "currency",
        ],
        "map": {
            "entity": "entityCode",
            "gl_account": "glAccountCode",
            "sub_account": "subAccountCode",
            "cost_center": "costCenterCode",
            "project": "projectCode",
            "year_period": "yearPeriod",
            "period_type": "periodType",
            "layer": "layerCode",
            "layer_type": "layerType",
            "currency": "currencyCode",
            "base_currency": "baseCurrencyCode",
            "debit": "debitBC",
            "credit": "creditBC",
            "net": "netBC",
        },
        "required": ["entity", "gl_account", "year_period", "currency", "base_currency"],
    },
}

_PROFILE: dict[str, Any] = {
    "profile_version": 1,
    "auth": {
        "mode": "oauth2_password",
        "token_path": "oauth/token",
        "send_as": "form",
        "client_id": "",
        "refresh": True,
        "default_ttl_s": 300,
        "margin_s": 60,
        "login_path": "login",
        "login_fields": ["username", "password"],
    },
    "workspace": {"header": "x-qad-workspace-id", "format": "{domain}_{entity}"},
    "paging": {
        "page_param": "page",
        "size_param": "pageSize",
        "first_page": 1,
        "size": 500,
        "action_param": "pageAction",
        "action_first": "first",
        "action_next": "next",
        "total_key": "totalCount",
        "max_pages": 5000,
        "stop": "short_page",
    },
    "filter": {
        "param": "filter",
        "grammar": "field,op,value,literal",
        "join": "repeat",
        "ops": {"eq": "eq", "ne": "ne", "gt": "gt", "ge": "ge", "lt": "lt", "le": "le"},
    },
    "sort": {"param": "sort", "format": "{field},{dir}"},
    "fields_param": None,
    "dates": {"wire": "iso_midnight_z"},
    "limits": {"concurrency": 2, "min_gap_ms": 100, "connect_s": 10, "read_s": 120, "tries": 4},
    "tls": {"verify": True, "ca_pem": None},
    "documents": _DOCUMENTS,
}
