"""The checklist of an incident: its items as they stand, and every mark that was ever made, append-only."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from core.constraints import one_of
from core.filling import fill_command, fill_link
from core.history import written_once
from incidents.enums import CheckOutcome, Evidence, Gate, ItemKind
from incidents.models.attachment import Attachment
from incidents.models.flag import IncidentFlag
from incidents.models.incident import Incident
from incidents.models.ladder import PhaseItem, QuickAction

DONE = (CheckOutcome.PASSED, CheckOutcome.NOT_APPLICABLE)


class ChecklistQuerySet(models.QuerySet[Any]):
    """What the room, the gates and the composer ask."""

    def to_do(self) -> Self:
        """Neither passed nor said not to apply: open, or looked at and failed."""
        return self.exclude(outcome__in=DONE)

    def asked(self) -> Self:
        """Without those that nobody has marked and whose flag is not up."""
        up = IncidentFlag.objects.up().filter(incident=OuterRef("incident"), flag=OuterRef("item__flag"))
        return self.filter(Q(item__isnull=True) | Q(item__flag="") | ~Q(outcome=CheckOutcome.OPEN) | Exists(up))

    def in_order(self) -> Self:
        """As the policy orders its phases and their items, then those of runbooks."""
        return self.order_by(
            "item__phase__position", "item__position", "action__runbook__position", "action__position", "number"
        )

    def with_texts(self) -> Self:
        """With the rows of the policy that say what each is, who marked it, and its file without the content."""
        return self.select_related("incident", "item__phase", "action__runbook", "marked_by", "attachment").defer(
            "attachment__content"
        )


class ChecklistItem(models.Model):
    """One thing to tick: an item of a phase, or a quick action of a runbook.

    `number` counts within the incident. The outcome with its person, moment, words and file is that of the newest
    ChecklistMark; OPEN has none of them. An item is never taken away.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="checklist")
    number = models.PositiveSmallIntegerField()
    item = models.ForeignKey(PhaseItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    action = models.ForeignKey(QuickAction, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField()
    outcome = models.CharField(max_length=16, choices=CheckOutcome.choices, default=CheckOutcome.OPEN)
    marked_at = models.DateTimeField(null=True, blank=True)
    marked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ChecklistQuerySet.as_manager()

    class Meta:
        ordering = ["incident", "number"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="checklist_number_once"),
            models.UniqueConstraint(fields=["incident", "item"], name="checklist_item_once"),
            models.UniqueConstraint(fields=["incident", "action"], name="checklist_action_once"),
            one_of("checklistitem", "of_the_policy", "item", "action"),
            models.CheckConstraint(condition=Q(outcome__in=CheckOutcome.values), name="checklist_outcome_known"),
            models.CheckConstraint(
                condition=Q(
                    outcome=CheckOutcome.OPEN,
                    marked_at__isnull=True,
                    marked_by__isnull=True,
                    attachment__isnull=True,
                    note="",
                )
                | (~Q(outcome=CheckOutcome.OPEN) & Q(marked_at__isnull=False, marked_by__isnull=False)),
                name="checklist_marked_by_a_person",
            ),
        ]
        triggers = written_once(free=["outcome", "marked_at", "marked_by", "note", "attachment"])

    def __str__(self) -> str:
        return self.text

    @property
    def source(self) -> PhaseItem | QuickAction:
        """The row of the policy that says what it is."""
        source = self.item or self.action
        assert source is not None  # the database refuses neither and both
        return source

    @property
    def text(self) -> str:
        """What is to be done or looked at."""
        return self.source.text

    @property
    def command(self) -> str:
        """What may be copied into a shell, with {names} to fill in; empty for none."""
        return self.source.command

    @property
    def link(self) -> str:
        """Where it is done, with {names} to fill in; empty for none."""
        return self.item.link if self.item else ""

    @property
    def filled_command(self) -> str:
        """The command as it is copied here: what is known is filled in, quoted for the shell."""
        return fill_command(self.command, self.incident.fillings)

    @property
    def filled_link(self) -> str:
        """The address as it is opened here; empty for none, and for one that is not of the web."""
        filled = fill_link(self.link, self.incident.fillings)
        return filled if filled.startswith(("https://", "http://")) else ""

    @property
    def asks_for_words(self) -> bool:
        """Whether it is passed with a note or a file, and so not by one press."""
        return self.evidence != Evidence.NONE

    @property
    def flag(self) -> str:
        """The flag that must be up for it to be asked; empty for always."""
        return self.item.flag if self.item else ""

    @property
    def evidence(self) -> str:
        """What passing it asks for, an Evidence."""
        return self.item.evidence if self.item else Evidence.NONE

    @property
    def holds(self) -> str:
        """What it holds back while it is to do, a Gate."""
        return self.item.holds if self.item else Gate.NONE

    @property
    def is_check(self) -> bool:
        """Whether it is a verification point, and no step."""
        return self.item is not None and self.item.kind == ItemKind.CHECK

    @property
    def is_done(self) -> bool:
        """Passed, or said not to apply."""
        return self.outcome in DONE

    @property
    def is_open(self) -> bool:
        """Nobody has looked at it yet."""
        return self.outcome == CheckOutcome.OPEN

    @property
    def is_failed(self) -> bool:
        """It was looked at and it failed."""
        return self.outcome == CheckOutcome.FAILED

    @property
    def due_at(self) -> datetime | None:
        """When its own time box is over; None without one."""
        return self.item.due_at(self.incident) if self.item else None


class ChecklistMark(models.Model):
    """What somebody said of an item at one moment; OPEN is a mark that was taken back. Only ever added."""

    item = models.ForeignKey(ChecklistItem, on_delete=models.PROTECT, related_name="marks")
    outcome = models.CharField(max_length=16, choices=CheckOutcome.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["item", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=CheckOutcome.values), name="mark_outcome_known"),
            models.CheckConstraint(
                condition=Q(outcome=CheckOutcome.OPEN) | Q(by__isnull=False), name="mark_made_by_a_person"
            ),
        ]
        triggers = written_once()

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.item}"
