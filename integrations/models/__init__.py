"""The tables of the product."""

from integrations.models.answers import KeptAnswer
from integrations.models.catalogues import DriftAlarm, ModelCatalogue
from integrations.models.closed_changes import ClosedChange, ClosedChangeState
from integrations.models.connections import Connection, System
from integrations.models.evidence import Evidence, EvidenceBlock, EvidenceKind, Position
from integrations.models.exceptions import ExceptionState, RecordException, Verdict
from integrations.models.leases import DueRun, ModelLease
from integrations.models.loads import Load, LoadChunk
from integrations.models.mapping_drafts import DraftState, MappingChange, MappingDraft
from integrations.models.mapping_uploads import MappingUpload, UploadMode
from integrations.models.mappings import MappingRule, MappingVersion, RuleKind
from integrations.models.pings import Ping, PingState
from integrations.models.plans import PlanState, PlanValue, PlanVersion
from integrations.models.profiles import CheckLevel, DocumentCheck, ProfileVersion
from integrations.models.reference import (
    CodeAmount,
    CodeList,
    ListMember,
    MemberCarries,
    MemberList,
    QadCode,
)
from integrations.models.runs import Phase, Run, RunGroup, RunKind, RunState, RunUnit
from integrations.models.sign_in import SignInProvider
from integrations.models.syncs import BalanceGate, PlanType, Sync, UnmappedPolicy
from integrations.models.tieouts import CellDifference, TieOutLine, TieOutPlace, TieOutSignOff

__all__ = [
    "BalanceGate",
    "CellDifference",
    "CheckLevel",
    "ClosedChange",
    "ClosedChangeState",
    "CodeAmount",
    "CodeList",
    "Connection",
    "DocumentCheck",
    "DraftState",
    "DriftAlarm",
    "DueRun",
    "Evidence",
    "EvidenceBlock",
    "EvidenceKind",
    "ExceptionState",
    "KeptAnswer",
    "ListMember",
    "Load",
    "LoadChunk",
    "MappingChange",
    "MappingDraft",
    "MappingRule",
    "MappingUpload",
    "MappingVersion",
    "MemberCarries",
    "MemberList",
    "ModelCatalogue",
    "ModelLease",
    "Phase",
    "Ping",
    "PingState",
    "PlanState",
    "PlanType",
    "PlanValue",
    "PlanVersion",
    "Position",
    "ProfileVersion",
    "QadCode",
    "RecordException",
    "RuleKind",
    "Run",
    "RunGroup",
    "RunKind",
    "RunState",
    "RunUnit",
    "SignInProvider",
    "Sync",
    "System",
    "TieOutLine",
    "TieOutPlace",
    "TieOutSignOff",
    "UnmappedPolicy",
    "UploadMode",
    "Verdict",
]
