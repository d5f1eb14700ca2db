"""The shape of a policy file. Names are as a person would write them; docs/policies.md maps them to the rows."""

from datetime import time
from typing import Annotated, Self

from django.conf import settings
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from incidents.enums import ChatMode, CommanderRule, RoleKind
from incidents.policy_file import fields as f

SERVICE = "service"


class Part(BaseModel):
    """A part of the file: unknown names are refused, and nothing changes once it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)


class CalendarPart(Part):
    """By which days “next business day” is counted. Without a zone: the organisation's."""

    zone: f.Zone = Field(default_factory=lambda: settings.TIME_ZONE)
    workdays: Annotated[tuple[f.Weekday, ...], AfterValidator(f.some)] = (1, 2, 3, 4, 5)
    holidays: tuple[f.Day, ...] = ()
    closes_at: f.Clock = time(17, 0)


class RolePart(Part):
    """A role and its duties."""

    slug: f.Slug
    name: f.ShortName
    kind: f.Kind = RoleKind.OTHER
    duties: f.Text = ""
    holds_several: bool = False


class CommanderPart(Part):
    """Who becomes commander; a schedule only with the rule on_call."""

    rule: f.Rule = CommanderRule.FIRST_ANSWER
    schedule: f.Slug | None = None


class PagePart(Part):
    """One group that is paged: by the service's own policy, or by a policy of that name."""

    group: f.Group
    policy: f.Slug = SERVICE
    makes_commander: bool = False
    answers_needed: f.Answers = 1


class ChatPart(Part):
    """What a declaration opens in chat."""

    mode: f.Chat = ChatMode.NONE
    channel: f.Slug | None = None


class WatchPart(Part):
    """How long it must stay quiet, and whether that comes before or after “resolved”."""

    length: f.DurationText = Field(alias="for")
    order: f.Order


class OwedPart(Part):
    """One thing that is owed, and what happens when it is not done."""

    what: f.Owed
    within: f.TargetText
    by: f.Slug = "commander"
    to: tuple[f.Slug, ...] = ()
    remind_before: f.DurationText | None = None
    deputy: f.Slug | None = None
    deputy_after: f.DurationText | None = None
    escalate_policy: f.Slug | None = None
    escalate_after: f.DurationText | None = None


class LevelPart(Part):
    """One level of severity and what hangs on it."""

    name: f.LevelName
    rank: f.Rank
    criteria: f.Criteria
    examples: tuple[f.Example, ...] = ()
    acknowledge_within: f.TargetText | None = None
    respond_within: f.TargetText | None = None
    rings_until_answered: bool = False
    silent_after: f.DurationText | None = None
    commander: CommanderPart = CommanderPart()
    pages: tuple[PagePart, ...] = ()
    chat: ChatPart = ChatPart()
    status_document: bool = False
    public: bool = False
    watch: WatchPart | None = None
    owed: tuple[OwedPart, ...] = ()


class PolicyDocument(Part):
    """One ladder, whole."""

    ladder: f.Slug
    name: f.Name
    description: f.Sentence | None = None
    default_policy: f.Slug | None = None
    calendar: CalendarPart = Field(default_factory=CalendarPart)
    roles: tuple[RolePart, ...] = ()
    levels: Annotated[tuple[LevelPart, ...], AfterValidator(f.some)]

    def worst_first(self) -> Self:
        """The same with its levels in the order of their ranks, as the rows come back."""
        ordered = tuple(sorted(self.levels, key=lambda level: level.rank))
        return self if ordered == self.levels else self.model_copy(update={"levels": ordered})
