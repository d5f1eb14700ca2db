"""The fields of a ladder's parts: labels, examples, and nothing else. incidents.forms.ladder puts them together."""

from typing import Any

from django import forms

from incidents.enums import ChatMode, CommanderRule, PromiseKind, RoleKind, WatchOrder
from incidents.models import Duty
from incidents.policy_file.fields import DAYS

EMPTY = [("", "---------")]


def line(label: str, help_text: str, **attributes: Any) -> forms.CharField:
    """One line of text."""
    widget = forms.TextInput(attrs={"class": "vTextField", **attributes})
    return forms.CharField(label=label, help_text=help_text, required=False, widget=widget)


def short(label: str, help_text: str) -> forms.CharField:
    """A few letters."""
    return line(label, help_text, size=14, **{"class": ""})


def some_lines(label: str, help_text: str, rows: int = 3) -> forms.CharField:
    """A text of several lines."""
    widget = forms.Textarea(attrs={"class": "vLargeTextField", "rows": rows})
    return forms.CharField(label=label, help_text=help_text, required=False, widget=widget)


def choice(label: str, help_text: str, choices: Any, initial: str = "") -> forms.ChoiceField:
    """One of a few."""
    return forms.ChoiceField(label=label, help_text=help_text, choices=choices, initial=initial, required=False)


def tick(label: str, help_text: str) -> forms.BooleanField:
    """Yes or no."""
    return forms.BooleanField(label=label, help_text=help_text, required=False)


class Entries(forms.CharField):
    """A text that is a list."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))


class Lines(Entries):
    """One entry a line, as a list."""

    def to_python(self, value: Any) -> Any:
        return [entry.strip() for entry in (super().to_python(value) or "").splitlines() if entry.strip()]


class Names(Entries):
    """Short names with commas or spaces between them, as a list."""

    def to_python(self, value: Any) -> Any:
        return (super().to_python(value) or "").replace(",", " ").split()


class Row(forms.Form):
    """One row of a list; the empty one at the end counts only once something was written into it."""

    def is_filled(self) -> bool:
        """Whether anything in it differs from an empty row."""
        return self.has_changed()


class HeadForm(forms.Form):
    """What the ladder says beside its levels."""

    name = line("Name", "As people call it, like “Product incidents”.")
    description = line("Description", "One sentence for those who choose a ladder.")
    default_policy = short("Default policy", "The escalation policy when no service is named, like platform-primary.")
    zone = short("Zone of the calendar", "Business days are counted there; an IANA name, like Europe/Berlin.")
    workdays = forms.MultipleChoiceField(
        label="Business days",
        help_text="Days on which “next business day” can fall.",
        choices=[(str(number), name.capitalize()) for number, name in enumerate(DAYS, 1)],
        initial=["1", "2", "3", "4", "5"],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    holidays = Lines(
        label="Holidays",
        help_text="One day a line, like 2026-12-25.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    closes_at = short("A business day ends at", "Wall time in that zone, like 17:00.")

    def clean_workdays(self) -> list[str]:
        """The names of the days."""
        return [DAYS[int(number) - 1] for number in self.cleaned_data["workdays"]]


class RoleForm(Row):
    """One role."""

    slug = short("Short name", "For commands and files, like commander.")
    name = short("Name", "As people say it, like Commander.")
    kind = choice("Kind", "Which part of the room it drives.", RoleKind.choices, RoleKind.OTHER)
    duties = some_lines("Duties", "Shown to whoever holds it. “You keep the record.”")
    holds_several = tick("Several people", "More than one person may hold it at a time.")


class LevelForm(Row):
    """One level. `pages` and `owed` are the lists of rows inside it; LadderForms fills them."""

    pages: Any
    owed: Any

    name = short("Name", "As people say it, like SEV1.")
    rank = short("Rank", "The lower, the worse, like 1.")
    criteria = line("Criteria", "What makes it this level, like “Customers cannot use the product.”")
    examples = Lines(
        label="Examples",
        help_text="One a line, like “Nobody can sign in.”",
        required=False,
        widget=forms.Textarea(attrs={"class": "vLargeTextField", "rows": 3}),
    )
    acknowledge_within = short("Acknowledge within", "How soon a page must be answered, like 5 min.")
    respond_within = short("Respond within", "How soon work must begin, like 15 min or next business day.")
    rings_until_answered = tick("Rings until answered", "An unanswered page begins from the top again.")
    silent_after = short("Silent after", "Whoever answered and is silent so long is asked, then rung anew: 30 min.")
    commander_rule = choice("Commander", "Who becomes commander.", CommanderRule.choices, CommanderRule.FIRST_ANSWER)
    schedule = short("Schedule", "With “who is on call”: the schedule, like engineering-manager.")
    chat_mode = choice("Chat opens", "What a declaration opens.", ChatMode.choices, ChatMode.NONE)
    channel = short("Channel", "The standing channel by its name, like incidents.")
    watch_for = short("Watch for", "How long it must stay quiet, like 30 min. Empty: no watch.")
    watch_order = choice(
        "Watch", "Before or after “resolved”.", EMPTY + [c for c in WatchOrder.choices if c[0] != WatchOrder.NONE]
    )
    status_document = tick("Status document", "A live document is kept at this level.")
    public = tick("Public", "The public is told by default.")


class PageForm(Row):
    """One group that is paged."""

    group = short("Group", "In words, like primary.")
    policy = short("Policy", "“service” for the service's own, else a name like founders.")
    makes_commander = tick("Makes commander", "The first who answers commands.")
    answers_needed = short("Answers needed", "Of so many people, like 1.")


class OwedForm(Row):
    """One thing that is owed."""

    what = choice("What", "", EMPTY + [(kind.value, str(PromiseKind(kind).label)) for kind in Duty.KINDS_OF_A_LEVEL])
    within = short("Within", "Like 30 min, 48 h.")
    by = short("By", "A role, like commander.")
    to = Names(label="To", help_text="Standing channels, like incidents.", required=False)
    remind_before = short("Remind before", "Like 5 min.")
    deputy = short("Deputy", "The role told when it is late.")
    deputy_after = short("… after", "Like 5 min.")
    escalate_policy = short("Escalate to", "The policy rung at last.")
    escalate_after = short("… after", "Like 15 min.")
