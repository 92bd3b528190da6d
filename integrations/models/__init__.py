"""The tables of the product."""

from integrations.models.answers import KeptAnswer
from integrations.models.catalogues import DriftAlarm, ModelCatalogue
from integrations.models.closed_changes import ClosedChange, ClosedChangeState
from integrations.models.connections import Connection, System
from integrations.models.evidence import Evidence, EvidenceBlock, EvidenceKind, Position
from integrations.models.exceptions import ExceptionState, RecordException, Verdict
from integrations.models.leases import DueRun, ModelLease
from integrations.models.loads import Load, LoadChunk
from integrations.models.mappings import MappingRule, MappingVersion, RuleKind
from integrations.models.pings import Ping, PingState
from integrations.models.plans import PlanState, PlanValue, PlanVersion
from integrations.models.profiles import CheckLevel, DocumentCheck, ProfileVersion
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
    "Connection",
    "DocumentCheck",
    "DriftAlarm",
    "DueRun",
    "Evidence",
    "EvidenceBlock",
    "EvidenceKind",
    "ExceptionState",
    "KeptAnswer",
    "Load",
    "LoadChunk",
    "MappingRule",
    "MappingVersion",
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
    "Verdict",
]
