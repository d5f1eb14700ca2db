"""Words of incidents."""

from incidents.enums.attachment import MediaType
from incidents.enums.checklist import CheckOutcome, Evidence, Gate, ItemKind, PhaseAnchor
from incidents.enums.flag import FlagAsked
from incidents.enums.incident import (
    NOT_OF_ITS_OWN,
    ClosedAs,
    DataIntegrity,
    IncidentStatus,
    Relation,
    RevenueImpact,
    ServiceState,
)
from incidents.enums.level import ChatMode, CommanderRule, PagedPolicy, RoleSource, WatchOrder
from incidents.enums.postmortem import SectionKind
from incidents.enums.promise import PromiseKind, PromiseStage
from incidents.enums.role import RoleKind
from incidents.enums.text import LinkKind, Occasion, TextAudience
from incidents.enums.timeline import EntryKind
from incidents.enums.work import DecisionOutcome, HypothesisStatus, LineKind, MitigationOutcome, Risk, TaskStatus

__all__ = [
    "NOT_OF_ITS_OWN",
    "ChatMode",
    "CheckOutcome",
    "ClosedAs",
    "CommanderRule",
    "DataIntegrity",
    "DecisionOutcome",
    "EntryKind",
    "Evidence",
    "FlagAsked",
    "Gate",
    "HypothesisStatus",
    "IncidentStatus",
    "ItemKind",
    "LineKind",
    "LinkKind",
    "MediaType",
    "MitigationOutcome",
    "Occasion",
    "PagedPolicy",
    "PhaseAnchor",
    "PromiseKind",
    "PromiseStage",
    "Relation",
    "RevenueImpact",
    "Risk",
    "RoleKind",
    "RoleSource",
    "SectionKind",
    "ServiceState",
    "TaskStatus",
    "TextAudience",
    "WatchOrder",
]
