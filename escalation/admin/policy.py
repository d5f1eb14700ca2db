"""Policies: the order of the steps on one page, the targets of each step one click away, and who would be told."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.moments import show_left
from escalation.actions.policy import remove_policy, remove_step, remove_target, set_policy, set_step, set_target
from escalation.enums import AttemptOutcome
from escalation.forms.policy import StepTargetForm
from escalation.models import Policy, PolicyStep, StepTarget
from escalation.plan import Told, condition_words, preview, ranks_that_differ
from escalation.queries.lint import findings_of
from escalation.queries.policy import condition_of, snapshot_of
from escalation.queries.reach import People, people_of

HORIZON = timedelta(hours=6)
LISTED = 60


class StepInline(admin.TabularInline):
    """The steps in order; “Change” leads to the targets of one."""

    model = PolicyStep
    extra = 1
    fields = ["position", "wait_seconds", "rings", "only_when"]
    readonly_fields = ["rings", "only_when"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the targets that are shown."""
        named = ("targets__user", "targets__schedule", "targets__team")
        return super().get_queryset(request).select_related("hours").prefetch_related(*named)

    @admin.display(description="Rings")
    def rings(self, step: PolicyStep) -> str:
        """Its targets, in words."""
        if not step.pk:
            return "Save, then press “Change” to say whom it rings."
        return "; ".join(str(target) for target in step.targets.all()) or "Nobody yet: press “Change”."

    @admin.display(description="When")
    def only_when(self, step: PolicyStep) -> str:
        """Its condition, in words."""
        return condition_words(condition_of(step)) or "always" if step.pk else ""


@admin.register(Policy)
class PolicyAdmin(admin.ModelAdmin):
    """Whom to ring in which order. Pages that run keep the policy with which they began."""

    list_display = ["name", "slug", "repeats", "last_resort"]
    list_select_related = ["last_resort"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [StepInline]
    readonly_fields = ["what_is_wrong", "would_be_told"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One at a time, and never one by which people were rung: the record names it."""
        return obj is not None and super().has_delete_permission(request, obj) and not obj.pages.exists()

    def delete_model(self, request: HttpRequest, obj: Policy) -> None:
        """By the action."""
        remove_policy(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        """By the action."""
        set_policy(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Steps by their actions."""
        who = {"by": request.actor, "now": timezone.now()}  # type: ignore[attr-defined]
        steps = formset.save(commit=False)
        for step in formset.deleted_objects:
            remove_step(step, **who)
        for step in steps:
            set_step(step, **who)

    @admin.display(description="What is wrong with it")
    def what_is_wrong(self, policy: Policy) -> str | SafeString:
        """Now, or within the next 30 days."""
        if not policy.pk:
            return "Save it first."
        found = findings_of(policy, timezone.now())
        rows = format_html_join("", "<li>{}: {}</li>", ((one.kind.label, one.sentence) for one in found))
        return format_html("<ul>{}</ul>", rows) if found else "Nothing."

    @admin.display(description="Who would be told, if a page began now and nobody answered")
    def would_be_told(self, policy: Policy) -> str | SafeString:
        """From the planner that the engine runs, with five minutes for a level that says nothing.

        Once for each rank of level at which it differs.
        """
        if not policy.pk:
            return "Save it first."
        now = timezone.now()
        snapshot = snapshot_of(policy)
        people = people_of([snapshot], [], now, now + HORIZON)
        parts = []
        for rank in ranks_that_differ(snapshot):
            lines = preview(snapshot, now, people.reach({}), horizon=HORIZON, level_rank=rank)[:LISTED]
            rows = format_html_join("", "<li>{} {}</li>", ((show_left(t.at - now), _words(t, people)) for t in lines))
            heading = "" if rank is None else format_html("<p>At a level of rank {}:</p>", rank)
            parts.append(format_html("{}<ol>{}</ol>", heading, rows))
        return format_html_join("", "{}", ((part,) for part in parts))


def _words(told: Told, people: People) -> str:
    hit = told.hit
    if hit.person is None and hit.outcome == AttemptOutcome.RUNG:
        return hit.source
    if hit.outcome in {AttemptOutcome.NOT_MET, AttemptOutcome.WAITS}:
        return f"step {hit.step + 1}: {AttemptOutcome(hit.outcome).label.lower()} ({hit.source})"
    if hit.person is None:
        return f"nobody ({hit.source})"
    return f"{people.users[hit.person]}: {AttemptOutcome(hit.outcome).label.lower()} ({hit.source})"


class TargetInline(admin.TabularInline):
    """Whom one step rings."""

    model = StepTarget
    form = StepTargetForm
    extra = 1


@admin.register(PolicyStep)
class PolicyStepAdmin(admin.ModelAdmin):
    """One step with its targets; reached from its policy, not from the index."""

    fieldsets = [
        (None, {"fields": ["policy", "position", "wait_seconds", "answers_needed"]}),
        (
            "Only when",
            {
                "fields": [
                    ("worst_rank", "mildest_rank"),
                    ("hours_rule", "hours"),
                    ("more_than", "within_seconds"),
                    "if_not_met",
                ],
                "description": "A step whose condition does not hold is gone over, and the record says why.",
            },
        ),
    ]
    readonly_fields = ["policy"]
    inlines = [TargetInline]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Not on the index: a step is found in its policy."""
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """In its policy."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """In its policy."""
        return False

    def save_model(self, request: HttpRequest, obj: PolicyStep, form: Any, change: bool) -> None:
        """By the action."""
        set_step(obj, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Targets by their actions."""
        who = {"by": request.actor, "now": timezone.now()}  # type: ignore[attr-defined]
        targets = formset.save(commit=False)
        for target in formset.deleted_objects:
            remove_target(target, **who)
        for target in targets:
            set_target(target, **who)

    def response_change(self, request: HttpRequest, obj: PolicyStep) -> HttpResponse:
        """Back to the policy, unless they go on with this step."""
        if "_continue" in request.POST:
            return super().response_change(request, obj)
        return redirect("admin:escalation_policy_change", obj.policy_id)
