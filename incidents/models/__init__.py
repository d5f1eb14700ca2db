"""The nouns of incidents."""

from incidents.models.affected_service import AffectedService
from incidents.models.attachment import Attachment, EntryFile
from incidents.models.checklist import ChecklistItem, ChecklistMark
from incidents.models.customer_report import CustomerReport
from incidents.models.decision import Decision
from incidents.models.deployment import Deployment
from incidents.models.digest import Digest
from incidents.models.escalation import IncidentEscalation
from incidents.models.flag import IncidentFlag
from incidents.models.handover import Handover
from incidents.models.hypothesis import Hypothesis, HypothesisLine
from incidents.models.incident import Incident, SeverityChange, Submission
from incidents.models.ladder import (
    Chain,
    ChainStep,
    Contact,
    CriticalDecision,
    Duty,
    EscalationRule,
    Flag,
    Ladder,
    LadderVersion,
    Level,
    LevelPage,
    LevelRole,
    LinkTemplate,
    MessageTemplate,
    MitigationOption,
    Phase,
    PhaseItem,
    PhaseTrouble,
    PostmortemSection,
    PostmortemTemplate,
    QuickAction,
    RoleDefinition,
    Runbook,
    Symptom,
)
from incidents.models.link import IncidentLink
from incidents.models.mitigation import Mitigation
from incidents.models.promise import Promise
from incidents.models.reading import LastLook, Pin, SentAway
from incidents.models.responder import Responder
from incidents.models.role import RoleAssignment
from incidents.models.runbook import IncidentRunbook
from incidents.models.status_update import StatusUpdate
from incidents.models.sub_team import SubTeam, SubTeamMember
from incidents.models.task import Task
from incidents.models.timeline import TimelineEntry

__all__ = [
    "AffectedService",
    "Attachment",
    "Chain",
    "ChainStep",
    "ChecklistItem",
    "ChecklistMark",
    "Contact",
    "CriticalDecision",
    "CustomerReport",
    "Decision",
    "Deployment",
    "Digest",
    "Duty",
    "EntryFile",
    "EscalationRule",
    "Flag",
    "Handover",
    "Hypothesis",
    "HypothesisLine",
    "Incident",
    "IncidentEscalation",
    "IncidentFlag",
    "IncidentLink",
    "IncidentRunbook",
    "Ladder",
    "LadderVersion",
    "LastLook",
    "Level",
    "LevelPage",
    "LevelRole",
    "LinkTemplate",
    "MessageTemplate",
    "Mitigation",
    "MitigationOption",
    "Phase",
    "PhaseItem",
    "PhaseTrouble",
    "Pin",
    "PostmortemSection",
    "PostmortemTemplate",
    "Promise",
    "QuickAction",
    "Responder",
    "RoleAssignment",
    "RoleDefinition",
    "Runbook",
    "SentAway",
    "SeverityChange",
    "StatusUpdate",
    "SubTeam",
    "SubTeamMember",
    "Submission",
    "Symptom",
    "Task",
    "TimelineEntry",
]
