"""A list of parts as rows of a form, with the lists inside each row."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from incidents.forms.ladder.fields import row_form
from incidents.policy_file.document import Part
from incidents.policy_file.problems import Path

MOST = 60
Places = dict[Path, tuple[forms.Form, str]]

TITLES = {
    "roles": ("Roles", "One more role, or leave this empty."),
    "pages": ("Who is paged", "One more group, or leave this empty."),
    "team": ("The team", "One more seat, or leave this empty."),
    "owed": ("What is owed", "One more thing that is owed, or leave this empty."),
    "phases": ("Phases", "Leave this empty unless you want another phase."),
    "items": ("Checklist", "One more item, or leave this empty."),
    "troubles": ("When stuck", "One more trouble, or leave this empty."),
    "mitigations": ("Mitigations", "One more mitigation, or leave this empty."),
    "symptoms": ("Symptoms", "One more symptom, or leave this empty."),
    "runbooks": ("Runbooks", "Leave this empty unless you want another runbook."),
    "actions": ("Quick actions", "One more action, or leave this empty."),
    "decisions": ("Critical decisions", "One more decision, or leave this empty."),
    "chains": ("Chains", "One more chain, or leave this empty."),
    "steps": ("Steps", "One more step, or leave this empty."),
    "flags": ("Flags", "One more flag, or leave this empty."),
    "escalations": ("Escalation matrix", "One more row, or leave this empty."),
    "texts": ("Texts", "One more text, or leave this empty."),
    "links": ("Links", "One more link, or leave this empty."),
    "contacts": ("Contacts", "One more contact, or leave this empty."),
    "sections": ("Sections", "One more section, or leave this empty."),
}


class PartRows:
    """The rows of one list: a form for each entry and an empty one, whose order is what “Order” says."""

    def __init__(
        self, name: str, part: type[Part], shown: Sequence[Part], typed: QueryDict | None, *, prefix: str
    ) -> None:
        self.name, self.part, self.prefix = name, part, prefix
        self.title, self.another = TITLES[name]
        made = forms.formset_factory(
            row_form(part), extra=1, can_delete=True, can_order=True, max_num=MOST, absolute_max=MOST
        )
        self.formset = made(typed, initial=[as_typed(one) for one in shown] if typed is None else [], prefix=prefix)
        for position, form in enumerate(self.formset.forms):
            one = shown[position] if position < len(shown) and typed is None else None
            form.lists = [
                PartRows(inside, kind, getattr(one, inside) if one else (), typed, prefix=f"{form.prefix}-{inside}")
                for inside, kind in part.lists().items()
            ]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.formset)

    def every_form(self) -> Iterator[forms.Form]:
        """Each row, and each row of the lists inside it."""
        for form in self.formset.forms:
            yield form
            for inside in form.lists:
                yield from inside.every_form()

    def raw(self, path: Path, places: Places) -> list[dict[str, Any]]:
        """What was typed, as the entries of a policy file in their order. Fills `places`."""
        rows = []
        for index, form in enumerate(in_order(filled(self.formset))):
            row = raw_of(form, (*path, index), places)
            row |= {inside.name: inside.raw((*path, index, inside.name), places) for inside in form.lists}
            rows.append(row)
        return rows


def filled(rows: Any) -> list[Any]:
    """The forms of a list that are neither deleted nor the empty one at its end."""
    return [
        form
        for position, form in enumerate(rows.forms)
        if not form.cleaned_data.get("DELETE") and (position < rows.initial_form_count() or _says_something(form))
    ]


def in_order(rows: Sequence[Any]) -> list[Any]:
    """The forms as their order says: of two at one place the one that was moved there goes first, a new one last."""

    def place(form: Any) -> tuple[int, bool]:
        return form.cleaned_data.get("ORDER") or len(rows) + MOST, "ORDER" not in form.changed_data

    return sorted(rows, key=place)


def raw_of(form: forms.Form, path: Path, places: Places) -> dict[str, Any]:
    """One row as names and values of a policy file. Fills `places`."""
    row: dict[str, Any] = {}
    for name in form.fields:
        if name in {"DELETE", "ORDER"}:
            continue
        places[*path, name] = (form, name)
        value = form.cleaned_data.get(name)
        if isinstance(value, bool):
            row[name] = "yes" if value else "no"
        elif value not in (None, "", []):
            row[name] = value
    return row


def as_typed(part: Part) -> dict[str, Any]:
    """A part as the initial values of its form."""
    values = {name: getattr(part, name) for name in type(part).model_fields if name not in type(part).lists()}
    return {
        name: str(value) if isinstance(value, str) else value for name, value in values.items() if value is not None
    }


def _says_something(form: Any) -> bool:
    return bool(form.is_filled()) or any(_says_something(row) for inside in form.lists for row in inside.formset.forms)
