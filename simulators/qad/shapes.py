"""The business documents that the stand-in publishes: paths, scopes, fields and keys."""

from simulators.qad.tables import DOMAIN, ENTITY, INSTANCE, Shape

_LEDGER = "api/bdoc/qad/financials/generalledger"


def _kinds(**names: str) -> dict[str, str]:
    """Field kinds from one list of names per kind; order is that of the arguments."""
    return {name: kind for kind, text in names.items() for name in text.split()}


ENTITIES = Shape(
    name="Entities",
    path="api/bdoc/qad/base/organization/Entities",
    scope=INSTANCE,
    fields=_kinds(
        text="domainCode entityCode description baseCurrencyCode statutoryCurrencyCode",
        truth="isActive",
    ),
    key=("domainCode", "entityCode"),
)
ACCOUNTS = Shape(
    name="GLAccounts",
    path="api/bdoc/qad/base/coa/GLAccounts",
    scope=DOMAIN,
    fields=_kinds(
        text="sharedSetCode glAccountCode description glTypeCode category analysisType "
        "analysisLimitation currencyCode budgetGroupCode",
        truth="isBalanceSheet isDebitAccount isActive",
        moment="lastModified",
    ),
    key=("sharedSetCode", "glAccountCode"),
)
COST_CENTERS = Shape(
    name="CostCenters",
    path="api/bdoc/qad/base/coa/CostCenters",
    scope=DOMAIN,
    fields=_kinds(
        text="sharedSetCode costCenterCode description administrator budgetGroupCode coaMaskCode",
        truth="isActive isUsedInPosting",
        moment="lastModified",
    ),
    key=("sharedSetCode", "costCenterCode"),
)
SUPPLIERS = Shape(
    name="Suppliers",
    path="api/bdoc/qad/base/supplier/Suppliers",
    scope=DOMAIN,
    fields=_kinds(text="sharedSetCode supplierCode name", truth="isActive", moment="lastModified"),
    key=("sharedSetCode", "supplierCode"),
)
PERIODS = Shape(
    name="GLPeriods",
    path=f"{_LEDGER}/GLPeriods",
    scope=ENTITY,
    fields=_kinds(
        text="domainCode entityCode periodType status",
        integer="glCalendarYear glPeriod yearPeriod",
        date="startDate endDate closingDate",
        truth="isGLPostingAllowed isPurchasePostingAllowed isReported",
    ),
    key=("entityCode", "yearPeriod"),
)
BALANCES = Shape(
    name="GLBalances",
    path=f"{_LEDGER}/GLBalances",
    scope=ENTITY,
    fields=_kinds(
        text="domainCode entityCode glAccountCode subAccountCode costCenterCode projectCode "
        "periodType layerCode layerType currencyCode baseCurrencyCode statutoryCurrencyCode",
        integer="glCalendarYear glPeriod yearPeriod",
        amount="debitBC creditBC netBC debitTC creditTC netSC",
    ),
    key=(
        "entityCode",
        "glAccountCode",
        "subAccountCode",
        "costCenterCode",
        "projectCode",
        "yearPeriod",
        "layerCode",
        "currencyCode",
    ),
)
POSTINGS = Shape(
    name="JournalEntryLines",
    path=f"{_LEDGER}/journalentry/JournalEntryLines",
    scope=ENTITY,
    fields=_kinds(
        text="domainCode entityCode periodType daybookCode layerType glAccountCode subAccountCode "
        "costCenterCode projectCode currencyCode description originatorReference sourceReference",
        integer="postingYear postingPeriod yearPeriod voucher lineNumber",
        amount="debitTC creditTC debitBC creditBC debitSC creditSC",
        date="postingDate",
        moment="systemDate lastModified",
        truth="isReversing isReplacement isAutoReversal",
    ),
    key=("entityCode", "postingYear", "daybookCode", "voucher", "lineNumber"),
)
INVOICES = Shape(
    name="SupplierInvoices",
    path="api/bdoc/qad/financials/purchaseledger/supplierinvoice/SupplierInvoices",
    scope=ENTITY,
    fields=_kinds(
        text="domainCode entityCode daybookCode invoiceReference invoiceType supplierCode "
        "supplierName currencyCode allocationStatus invoiceStatusCode costCenterCode "
        "subAccountCode projectCode purchaseOrderNumber",
        integer="postingYear postingPeriod yearPeriod voucher",
        amount="invoiceAmountTC invoiceAmountBC taxAmountTC openBalanceTC",
        date="invoiceDate postingDate dueDate",
        moment="lastModified",
        truth="isApproved isOpen",
    ),
    key=("entityCode", "postingYear", "daybookCode", "voucher"),
)
CURRENCIES = Shape(
    name="Currencies",
    path="api/bdoc/qad/base/currency/Currencies",
    scope=INSTANCE,
    fields=_kinds(text="currencyCode description", truth="isActive"),
    key=("currencyCode",),
)
SUB_ACCOUNTS = Shape(
    name="SubAccounts",
    path="api/bdoc/qad/base/coa/SubAccounts",
    scope=DOMAIN,
    fields=_kinds(
        text="sharedSetCode subAccountCode description", truth="isActive", moment="lastModified"
    ),
    key=("sharedSetCode", "subAccountCode"),
)
PROJECTS = Shape(
    name="Projects",
    path="api/bdoc/qad/base/coa/Projects",
    scope=DOMAIN,
    fields=_kinds(
        text="sharedSetCode projectCode description statusCode",
        truth="isActive",
        moment="lastModified",
    ),
    key=("sharedSetCode", "projectCode"),
)
PLANS = Shape(
    name="PlanReferences",
    path="api/bdoc/extensions/anaplanconnector/PlanReferences",
    scope=ENTITY,
    fields=_kinds(
        text="domainCode entityCode planVersion planType glAccountCode subAccountCode "
        "costCenterCode projectCode currencyCode sourceSystem sourceModel syncRunId externalKey "
        "concurrencyHash",
        integer="yearPeriod",
        amount="amount",
        date="approvedAt",
        moment="lastModified",
    ),
    key=(
        "entityCode",
        "planVersion",
        "planType",
        "glAccountCode",
        "subAccountCode",
        "costCenterCode",
        "projectCode",
        "yearPeriod",
    ),
)
ALL_SHAPES = (
    ENTITIES,
    ACCOUNTS,
    COST_CENTERS,
    SUPPLIERS,
    PERIODS,
    BALANCES,
    POSTINGS,
    INVOICES,
    CURRENCIES,
    SUB_ACCOUNTS,
    PROJECTS,
    PLANS,
)
