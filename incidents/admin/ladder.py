"""Ladders in the admin: every save is a new version, whether it came as a form or as a file."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts.actor import Actor
from core.errors import Refused
from incidents.actions.ladder import apply_document, make_default_ladder
from incidents.forms.ladder import CHAPTERS, LadderForms
from incidents.forms.policy import PolicyForm
from incidents.models import Ladder, LadderVersion
from incidents.policy_file import (
    PolicyDocument,
    changes_in_words,
    document_of,
    fetch_rows,
    missing_in,
    plan_document,
    warnings_of,
    write_document,
)
from incidents.queries.ladder import current_version, with_rows

SAVE = "_save"


def actor_of(request: HttpRequest) -> Actor:
    """Who asks; the admin lets nobody in who is not signed in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@admin.register(Ladder)
class LadderAdmin(admin.ModelAdmin):
    """Change a ladder as a form, apply a file, look at its versions. A ladder is never deleted."""

    list_display = ("name", "slug", "is_default", "in_force", "levels")
    actions = ("make_default",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).may_configure if hasattr(request, "actor") else False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<path:object_id>/version/<int:number>.yaml",
                view(self.file_view),
                name="incidents_ladder_file",
            ),
            *super().get_urls(),
        ]

    @admin.display(description="Version")
    def in_force(self, ladder: Ladder) -> str:
        """The number of the version in force, and since when."""
        version = current_version(ladder)
        return f"{version.number}, since {version.created_at:%Y-%m-%d %H:%M %Z}" if version else "none yet"

    @admin.display(description="Levels")
    def levels(self, ladder: Ladder) -> str:
        """The names of its levels, the worst first."""
        version = current_version(ladder)
        return ", ".join(level.name for level in version.levels.all()) if version else ""

    @admin.action(description="Make this the ladder that a declaration offers")
    def make_default(self, request: HttpRequest, chosen: QuerySet[Ladder]) -> None:
        """For exactly one chosen ladder."""
        ladders = list(chosen)
        if len(ladders) != 1:
            self.message_user(request, "Choose one ladder: only one can be the default.", messages.ERROR)
            return
        try:
            make_default_ladder(ladders[0], by=actor_of(request), now=timezone.now())
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        self.message_user(request, f"A declaration offers {ladders[0]} from now on.", messages.SUCCESS)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One chapter of the version in force as a form (`?part=`); saving makes the next version."""
        self.check_allowed(request)
        ladder = self.ladder_or_404(object_id)
        chapter = request.GET.get("part", "")
        if chapter not in CHAPTERS:
            return redirect("admin:incidents_ladder_change", ladder.pk)
        version = current_version(ladder)
        typed = request.POST if request.method == "POST" else None
        forms = LadderForms(ladder.slug, document_of(version) if version else None, typed, chapter=chapter)
        plan = None
        if typed is not None and forms.is_valid() and forms.document:
            if SAVE in typed and self.applied(request, forms.document, typed):
                return redirect(request.get_full_path())
            plan = plan_document(forms.document)
        expected = typed.get("expected") if typed is not None else version.number if version else 0
        if plan:  # whoever was slower reads in it what saving would do to the version of the other, and may then save
            expected = plan.number
        chapters = [(name, title) for name, (title, _) in CHAPTERS.items()]
        context: dict[str, Any] = {
            "original": ladder,
            "version": version,
            "forms": forms,
            "plan": plan,
            "expected": expected,
            "offered": Ladder.objects.filter(is_default=True).first(),
        }
        context |= {"chapters": chapters, "chapter": chapter}
        if version and plan is None:
            document = document_of(version)
            missing = missing_in(document)
            context["unready"] = {"missing": missing, "warnings": warnings_of(document, missing)}
        wrong = typed is not None and forms.document is None
        return self.page(request, "change_form.html", f"Change {ladder}", {**context, "wrong": wrong})

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A preset or a file: its plan, and then its application. It may be of a ladder that exists already."""
        self.check_allowed(request)
        form = PolicyForm(request.POST, request.FILES) if request.method == "POST" else PolicyForm()
        plan = None
        if form.is_bound and form.is_valid() and form.document:
            if SAVE in request.POST and self.applied(request, form.document, request.POST):
                ladder = Ladder.objects.get(slug=form.document.ladder)
                return redirect("admin:incidents_ladder_change", ladder.pk)
            plan = plan_document(form.document)
        return self.page(request, "policy_form.html", "Apply a policy", {"form": form, "plan": plan})

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Every version with what it changed, the newest first."""
        self.check_allowed(request)
        ladder = self.ladder_or_404(object_id)
        versions = list(with_rows(LadderVersion.objects.filter(ladder=ladder)).order_by("number"))
        fetch_rows(versions)
        rows = []
        before: PolicyDocument | None = None
        for version in versions:
            document = document_of(version)
            changes = changes_in_words(before, document)
            # Without a note of a person the changes in words were kept as one, cut when they were many.
            says_the_same = " ".join(changes).startswith(version.note.removesuffix("…"))
            rows.append((version, changes, "" if says_the_same else version.note))
            before = document
        context = {"original": ladder, "rows": rows[::-1]}
        return self.page(request, "object_history.html", f"Versions of {ladder}", context)

    def file_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """One version as a file to keep, review and apply."""
        self.check_allowed(request)
        ladder = self.ladder_or_404(object_id)
        version = get_object_or_404(with_rows(LadderVersion.objects.filter(ladder=ladder)), number=number)
        text = write_document(document_of(version), head=f"{ladder.name}, version {number}, as exported by Muster.")
        response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{ladder.slug}-v{number}.yaml"'
        return response

    def applied(self, request: HttpRequest, document: PolicyDocument, typed: Any) -> bool:
        """Apply, and say what became of it; False when it was refused."""
        seen = str(typed.get("expected", ""))
        note = str(typed.get("note", ""))
        expected = int(seen) if seen.isdecimal() and len(seen) < 9 and int(seen) else None
        plan = plan_document(document)
        try:
            version = apply_document(document, by=actor_of(request), now=timezone.now(), note=note, expected=expected)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return False
        said = f"Version {version.number} is in force." if plan.changes else "Nothing was changed."
        if plan.changes:  # for “Recent actions”
            self.log_change(request, version.ladder, version.note)
        self.message_user(request, " ".join([said, *plan.changes, *plan.keeps]), messages.SUCCESS)
        for warning in plan.warnings:
            self.message_user(request, warning, messages.WARNING)
        return True

    def check_allowed(self, request: HttpRequest) -> None:
        """Only those who may configure get past the door, and every page of it says so."""
        if not self.has_module_permission(request):
            raise PermissionDenied

    def ladder_or_404(self, object_id: str) -> Ladder:
        """The ladder of an admin address."""
        key = unquote(object_id)
        return get_object_or_404(Ladder, pk=key if key.isdecimal() and len(key) < 18 else 0)

    def page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> TemplateResponse:
        """An admin page in the frame of the others."""
        frame = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "has_view_permission": True,
            "list_url": reverse("admin:incidents_ladder_changelist"),
        }
        return TemplateResponse(request, f"admin/incidents/ladder/{template}", {**frame, **context})
