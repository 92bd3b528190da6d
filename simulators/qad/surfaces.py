"""Under which names each document appears on the other surfaces: entities, browses, metadata."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from simulators.qad import shapes
from simulators.qad.tables import Shape

FIELD_LIST_BROWSE = "urn:browse:custom:lookupBrowseFields"


@dataclass(frozen=True)
class Surface:
    """A document's other names.

    `component` is its Java-like name in URNs, `plural` its name below `api/erp`, `browse_id` its
    browse. A browse names a field `table.PrefixField`; `special` are keys that do not follow this.
    """

    shape: Shape
    component: str
    plural: str
    browse_id: str
    table: str
    prefix: str
    special: Mapping[str, str] = field(default_factory=dict)

    @property
    def entity_uri(self) -> str:
        """The URN of the business entity."""
        return f"urn:be:com.qad.{self.component}"

    @property
    def document_uri(self) -> str:
        """The URN of the business document."""
        return f"urn:bd:com.qad.{self.component}"

    @cached_property
    def columns(self) -> dict[str, str]:
        """The browse's row key of each field."""
        return {
            name: self.special.get(name, f"{self.table}.{self.prefix}{pascal(name)}")
            for name in self.shape.fields
        }

    @cached_property
    def bare_columns(self) -> dict[str, str]:
        """The same keys without their table, as some browses have them."""
        return {name: column.rpartition(".")[2] for name, column in self.columns.items()}

    @property
    def app_path(self) -> str:
        """The document's path when it lies directly below its app, whatever its module."""
        company_and_app, name = self.shape.path.split("/")[:4], self.shape.path.split("/")[-1]
        return "/".join([*company_and_app, name])


def pascal(name: str) -> str:
    """A field's name as entity metadata writes it: with a capital at the start."""
    return name[:1].upper() + name[1:]


_ERP = "urn:browse:bebrowse:com.qad.erp"
SURFACES = (
    Surface(
        shapes.ENTITIES,
        "base.organization.IEntity",
        "entities",
        f"{_ERP}.base.entities",
        "en_mstr",
        "en_",
        {"domainCode": "en_mstr.en_domain", "entityCode": "en_mstr.en_entity"},
    ),
    Surface(
        shapes.ACCOUNTS,
        "base.coa.IGLAccount",
        "glAccounts",
        f"{_ERP}.base.glAccounts",
        "gl",
        "GL",
        {"sharedSetCode": "sharedset.SharedSetCode", "glAccountCode": "gl.GLCode"},
    ),
    Surface(
        shapes.COST_CENTERS,
        "base.coa.ICostCenter",
        "costCenters",
        f"{_ERP}.base.costCenters",
        "costcentre",
        "CostCentre",
        {
            "sharedSetCode": "sharedset.SharedSetCode",
            "costCenterCode": "costcentre.CostCentreCode",
        },
    ),
    Surface(
        shapes.SUPPLIERS,
        "base.supplier.ISupplierV2",
        "supplierV2s",
        "urn:browse:mfg:ad014",
        "creditor",
        "Creditor",
        {
            "sharedSetCode": "sharedset.SharedSetCode",
            "supplierCode": "creditor.CreditorCode",
            "name": "vd_sort",
        },
    ),
    Surface(
        shapes.PERIODS,
        "financials.generalledger.IGLPeriod",
        "glPeriods",
        "urn:browse:mfg:gl111",
        "period",
        "Period",
        {
            "glCalendarYear": "period.PeriodYear",
            "glPeriod": "period.PeriodPeriod",
            "periodType": "period.PeriodTypeCode",
            "status": "period.PeriodStatus",
            "isReported": "period.PeriodIsReportChecked",
        },
    ),
    Surface(
        shapes.BALANCES,
        "financials.generalledger.IGLBalance",
        "glBalances",
        "urn:browse:custom:glBalances",
        "postinghist",
        "PostingHist",
    ),
    Surface(
        shapes.POSTINGS,
        "financials.generalledger.journalentry.IJournalEntryLine",
        "journalEntryLines",
        "urn:browse:custom:journalEntryLines",
        "postingline",
        "PostingLine",
        {
            "postingYear": "posting.PostingYear",
            "postingPeriod": "posting.PostingPeriod",
            "yearPeriod": "posting.PostingYearPeriod",
            "voucher": "posting.PostingVoucher",
            "postingDate": "posting.PostingDate",
            "systemDate": "posting.PostingSystemDate",
            "isReversing": "posting.PostingIsReversing",
            "isReplacement": "posting.PostingIsReplacement",
            "isAutoReversal": "posting.PostingIsAutoReversal",
            "originatorReference": "posting.PostingOriginatorReference",
        },
    ),
    Surface(
        shapes.INVOICES,
        "financials.purchaseledger.supplierinvoice.ISupplierInvoice",
        "supplierInvoices",
        "urn:browse:custom:supplierInvoices",
        "cinvoice",
        "CInvoice",
        {
            "invoiceReference": "cinvoice.CInvoiceReference",
            "invoiceType": "cinvoice.CInvoiceType",
            "invoiceDate": "cinvoice.CInvoiceDate",
            "supplierCode": "creditor.CreditorCode",
            "isApproved": "cinvoice.CInvoiceIsInvoiceApproved",
        },
    ),
    Surface(
        shapes.CURRENCIES,
        "base.currency.ICurrency",
        "currencies",
        f"{_ERP}.base.currencies",
        "currency",
        "Currency",
        {"currencyCode": "currency.CurrencyCode"},
    ),
    Surface(
        shapes.SUB_ACCOUNTS,
        "base.coa.ISubAccount",
        "subAccounts",
        f"{_ERP}.base.subAccounts",
        "division",
        "Division",
        {"sharedSetCode": "sharedset.SharedSetCode", "subAccountCode": "division.DivisionCode"},
    ),
    Surface(
        shapes.PROJECTS,
        "base.coa.IProject",
        "projects",
        "urn:browse:bebrowse:com.qad.erp.financials.projects",
        "project",
        "Project",
        {"sharedSetCode": "sharedset.SharedSetCode", "projectCode": "project.ProjectCode"},
    ),
    Surface(
        shapes.PLANS,
        "anaplanconnector.IPlanReference",
        "planReferences",
        "urn:browse:custom:planReferences",
        "planreference",
        "PlanReference",
    ),
)
BY_PATH = {item.shape.path: item for item in SURFACES}
BY_APP_PATH = {item.app_path: item for item in SURFACES}
BY_PLURAL = {item.plural: item for item in SURFACES}
BY_BROWSE = {item.browse_id: item for item in SURFACES}
BY_ENTITY_URI = {item.entity_uri: item for item in SURFACES}
