"""One ladder as a document. Names are as a person would write them; docs/policies.md maps them to the rows."""

from datetime import time
from typing import Annotated, Self

from django.conf import settings
from pydantic import AfterValidator, Field

from incidents.enums import RoleKind
from incidents.models import RoleDefinition
from incidents.policy_file import fields as f
from incidents.policy_file.document.chain import ChainPart
from incidents.policy_file.document.escalation import FlagPart, RulePart
from incidents.policy_file.document.level import LevelPart
from incidents.policy_file.document.mitigation import MitigationPart, SymptomPart
from incidents.policy_file.document.part import Part, says
from incidents.policy_file.document.phase import PhasePart
from incidents.policy_file.document.postmortem import PostmortemPart
from incidents.policy_file.document.runbook import RunbookPart
from incidents.policy_file.document.text import ContactPart, LinkPart, TemplatePart


class CalendarPart(Part):
    """By which days “next business day” is counted. Without a zone: the organisation's."""

    zone: f.Zone = Field(default_factory=lambda: settings.TIME_ZONE)
    workdays: Annotated[tuple[f.Weekday, ...], AfterValidator(f.some)] = (1, 2, 3, 4, 5)
    holidays: tuple[f.Day, ...] = ()
    closes_at: f.Clock = time(17, 0)


class RolePart(Part):
    """A role and its duties."""

    ROW = RoleDefinition

    slug: f.Slug = says("Short name", "For commands and files, like commander.")
    name: f.ShortName = says("Name", "As people say it, like Commander.")
    kind: f.Kind = says("Kind", "Which part of the room it drives.", RoleKind.OTHER)
    duties: f.Text = says("Duties", "Shown to whoever holds it. “You keep the record.”", "", wide=True)
    holds_several: bool = says("Several people", "More than one person may hold it at a time.", False)


class PolicyDocument(Part):
    """One ladder, whole."""

    ladder: f.Slug
    name: f.Name
    description: f.Sentence | None = None
    default_policy: f.Slug | None = None
    confidence_from: f.Percent | None = None
    storm_from: f.Alerts | None = None
    blind_level: f.LevelName | None = None
    tasks_understood: bool = False
    calendar: CalendarPart = Field(default_factory=CalendarPart)
    roles: tuple[RolePart, ...] = ()
    levels: Annotated[tuple[LevelPart, ...], AfterValidator(f.some)]
    phases: tuple[PhasePart, ...] = ()
    mitigations: tuple[MitigationPart, ...] = ()
    symptoms: tuple[SymptomPart, ...] = ()
    runbooks: tuple[RunbookPart, ...] = ()
    chains: tuple[ChainPart, ...] = ()
    flags: tuple[FlagPart, ...] = ()
    escalations: tuple[RulePart, ...] = ()
    texts: tuple[TemplatePart, ...] = ()
    links: tuple[LinkPart, ...] = ()
    contacts: tuple[ContactPart, ...] = ()
    postmortem: PostmortemPart | None = None

    def worst_first(self) -> Self:
        """The same with its levels in the order of their ranks, as the rows come back."""
        ordered = tuple(sorted(self.levels, key=lambda level: level.rank))
        return self if ordered == self.levels else self.model_copy(update={"levels": ordered})
