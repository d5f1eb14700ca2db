"""A level of severity and what hangs on it."""

from typing import Any, Self

from incidents.enums import ChatMode, CommanderRule, PagedPolicy, RoleSource
from incidents.models import Duty, LevelPage, LevelRole
from incidents.policy_file import fields as f
from incidents.policy_file.document.part import Part, says

SERVICE = "service"


class CommanderPart(Part):
    """Who becomes commander; a schedule only with the rule on_call; who stands in when nobody does in time."""

    WRITES_DEFAULTS = True

    rule: f.Rule = CommanderRule.FIRST_ANSWER
    schedule: f.Slug | None = None
    backup: f.Slug | None = None


class PagePart(Part):
    """One group that is paged: by the service's own policy, or by a policy of that name."""

    ROW = LevelPage
    WRITES_DEFAULTS = True
    NAMED_BY = "group"

    group: f.Group = says("Group", "In words, like primary.")
    policy: f.Slug = says("Policy", "“service” for the service's own, else a name like founders.", SERVICE)
    makes_commander: bool = says("Makes commander", "The first who answers commands.", False)
    answers_needed: f.Answers = says("Answers needed", "Of so many people, like 1.", 1)

    def columns(self) -> dict[str, Any]:
        """The word “service” is a column of its own, so that no policy can be called so by mistake."""
        of_service = self.policy == SERVICE
        source = PagedPolicy.SERVICE if of_service else PagedPolicy.NAMED
        return super().columns() | {"policy": "" if of_service else self.policy, "policy_from": source}

    @classmethod
    def of(cls, row: Any) -> Self:
        """As `columns` has it."""
        part = super().of(row)
        return part.model_copy(update={"policy": SERVICE}) if row.policy_from == PagedPolicy.SERVICE else part


class TeamPart(Part):
    """One seat of the response team, and by which rule it is filled."""

    ROW = LevelRole
    CALLED = "the seat"
    NAMED_BY = "role"

    role: f.Slug = says("Role", "A role of the ladder, like comms.")
    source: f.Source = says("Filled by", "Who gets it when it is declared.", RoleSource.NOBODY, alias="from")
    schedule: f.Slug | None = says("Schedule", "With “on call”, like engineering-manager.", None)
    duties: f.Text | None = says("Duties here", "What it does at this level, beside its own.", None, wide=True)


class ChatPart(Part):
    """What a declaration opens in chat."""

    mode: f.Chat = ChatMode.NONE
    channel: f.Slug | None = None


class WatchPart(Part):
    """How long it must stay quiet, and whether that comes before or after “resolved”."""

    length: f.DurationText = says("For", "Like 30 min.", alias="for")
    order: f.Order


class OwedPart(Part):
    """One thing that is owed, and what happens when it is not done."""

    ROW = Duty
    NAMED_BY = "what"
    COLUMNS = {"what": "kind", "by": "owed_by", "to": "told_where"}

    what: f.Owed = says("What", "", choices=[(kind.value, str(kind.label)) for kind in Duty.KINDS_OF_A_LEVEL])
    within: f.TargetText = says("Within", "Like 30 min, 48 h.")
    by: f.Slug = says("By", "A role, like commander.", "commander")
    to: f.Slugs = says("To", "Standing channels, like incidents.", ())
    remind_before: f.DurationText | None = says("Remind before", "Like 5 min.", None)
    deputy: f.Slug | None = says("Deputy", "The role told when it is late.", None)
    deputy_after: f.DurationText | None = says("… after", "Like 5 min.", None)
    escalate_policy: f.Slug | None = says("Escalate to", "The policy rung at last.", None)
    escalate_after: f.DurationText | None = says("… after", "Like 15 min.", None)


class LevelPart(Part):
    """One level of severity and what hangs on it."""

    WRITES_DEFAULTS = True

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
    team: tuple[TeamPart, ...] = ()
    tells_everyone: bool = False
    ticket_only: bool = False
    ticket: bool = False
    chat: ChatPart = ChatPart()
    status_document: bool = False
    public: bool = False
    watch: WatchPart | None = None
    owed: tuple[OwedPart, ...] = ()
