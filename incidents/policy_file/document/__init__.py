"""The shape of a policy file, one module for each noun."""

from incidents.policy_file.document.chain import ChainPart, ChainStepPart
from incidents.policy_file.document.escalation import FlagPart, RulePart
from incidents.policy_file.document.ladder import CalendarPart, PolicyDocument, RolePart
from incidents.policy_file.document.level import (
    SERVICE,
    ChatPart,
    CommanderPart,
    LevelPart,
    OwedPart,
    PagePart,
    TeamPart,
    WatchPart,
)
from incidents.policy_file.document.mitigation import MitigationPart, SymptomPart
from incidents.policy_file.document.part import Part, list_of
from incidents.policy_file.document.phase import ItemPart, PhasePart, TroublePart
from incidents.policy_file.document.postmortem import PostmortemPart, SectionPart
from incidents.policy_file.document.runbook import CriticalDecisionPart, QuickActionPart, RunbookPart
from incidents.policy_file.document.text import ContactPart, LinkPart, TemplatePart

__all__ = [
    "SERVICE",
    "CalendarPart",
    "ChainPart",
    "ChainStepPart",
    "ChatPart",
    "CommanderPart",
    "ContactPart",
    "CriticalDecisionPart",
    "FlagPart",
    "ItemPart",
    "LevelPart",
    "LinkPart",
    "MitigationPart",
    "OwedPart",
    "PagePart",
    "Part",
    "PhasePart",
    "PolicyDocument",
    "PostmortemPart",
    "QuickActionPart",
    "RolePart",
    "RulePart",
    "RunbookPart",
    "SectionPart",
    "SymptomPart",
    "TeamPart",
    "TemplatePart",
    "TroublePart",
    "WatchPart",
    "list_of",
]
