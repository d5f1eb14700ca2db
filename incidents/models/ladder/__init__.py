"""The policy as rows of one immutable version."""

from incidents.models.ladder.chain import Chain, ChainStep
from incidents.models.ladder.escalation import EscalationRule, Flag
from incidents.models.ladder.level import Duty, Level, LevelPage, LevelRole
from incidents.models.ladder.mitigation import MitigationOption, Symptom
from incidents.models.ladder.phase import Phase, PhaseItem, PhaseTrouble
from incidents.models.ladder.postmortem import PostmortemSection, PostmortemTemplate
from incidents.models.ladder.runbook import CriticalDecision, QuickAction, Runbook
from incidents.models.ladder.text import NEVER_KNOWN, PLACEHOLDERS, Contact, LinkTemplate, MessageTemplate
from incidents.models.ladder.version import FROZEN, Ladder, LadderVersion, RoleDefinition

__all__ = [
    "FROZEN",
    "NEVER_KNOWN",
    "PLACEHOLDERS",
    "Chain",
    "ChainStep",
    "Contact",
    "CriticalDecision",
    "Duty",
    "EscalationRule",
    "Flag",
    "Ladder",
    "LadderVersion",
    "Level",
    "LevelPage",
    "LevelRole",
    "LinkTemplate",
    "MessageTemplate",
    "MitigationOption",
    "Phase",
    "PhaseItem",
    "PhaseTrouble",
    "PostmortemSection",
    "PostmortemTemplate",
    "QuickAction",
    "RoleDefinition",
    "Runbook",
    "Symptom",
]
