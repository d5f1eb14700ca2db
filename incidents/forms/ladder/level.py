"""The forms of a ladder's head and of a level: labels, examples, and nothing else."""

from django import forms

from incidents.enums import ChatMode, CommanderRule, WatchOrder
from incidents.forms.ladder.fields import EMPTY, Lines, Row, choice, line, short, tick
from incidents.policy_file.fields import DAYS


class HeadForm(forms.Form):
    """What the ladder says beside its levels."""

    name = line("Name", "As people call it, like “Product incidents”.")
    description = line("Description", "One sentence for those who choose a ladder.")
    default_policy = short("Default policy", "The escalation policy when no service is named, like platform-primary.")
    confidence_from = short("Sure from", "Percent: a person looks at a level that is less sure, like 70.")
    storm_from = short("Storm from", "So many alerts at once are one incident, like 10.")
    blind_level = short("Blind level", "At least this level while health endpoints do not answer, like SEV1.")
    tasks_understood = tick("Tasks are understood", "Whoever is given a task says that they have understood it.")
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


class LevelForm(Row):
    """One level. `lists` are the lists of rows inside it: who is paged, the team, what is owed."""

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
    backup = short("Else", "A schedule: when nobody commands, or whoever does is silent, it is rung.")
    tells_everyone = tick("Tells everyone", "Everybody here is told when it is declared.")
    ticket_only = tick("A ticket does", "Nobody has to declare an incident at this level.")
    ticket = tick("Ticket", "A ticket is opened when it is declared.")
    chat_mode = choice("Chat opens", "What a declaration opens.", ChatMode.choices, ChatMode.NONE)
    channel = short("Channel", "The standing channel by its name, like incidents.")
    watch_for = short("Watch for", "How long it must stay quiet, like 30 min. Empty: no watch.")
    watch_order = choice(
        "Watch", "Before or after “resolved”.", EMPTY + [c for c in WatchOrder.choices if c[0] != WatchOrder.NONE]
    )
    status_document = tick("Status document", "A live document is kept at this level.")
    public = tick("Public", "The public is told by default.")
