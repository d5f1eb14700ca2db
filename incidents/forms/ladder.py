"""A ladder as a form: the fields of its file, checked by the rules of its file.

The forms check nothing themselves. What was typed becomes the names and values of a policy file, policy_file reads
them, and each problem goes back to the field that it is about.
"""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import QueryDict

from incidents.forms.ladder_parts import HeadForm, LevelForm, OwedForm, PageForm, RoleForm
from incidents.policy_file import PolicyDocument, PolicyFileInvalid, read_fields
from incidents.policy_file.problems import Path

RoleRows = forms.formset_factory(RoleForm, extra=1, can_delete=True, max_num=60, absolute_max=60)
LevelRows = forms.formset_factory(LevelForm, extra=1, can_delete=True, max_num=40, absolute_max=40)
PageRows = forms.formset_factory(PageForm, extra=1, can_delete=True, max_num=40, absolute_max=40)
OwedRows = forms.formset_factory(OwedForm, extra=1, can_delete=True, max_num=40, absolute_max=40)


class LadderForms:
    """All forms of one ladder: `head`, `roles`, and `levels`, each with its `pages` and `owed`.

    `document` is None until `is_valid()` has said yes.
    """

    def __init__(self, slug: str, shown: PolicyDocument | None, typed: QueryDict | None = None) -> None:
        self.slug = slug
        self.document: PolicyDocument | None = None
        self.places: dict[Path, tuple[forms.Form, str]] = {}
        self.head = HeadForm(typed, initial=_head(shown) if shown else {}, prefix="head")
        self.roles = RoleRows(typed, initial=[_plain(role) for role in shown.roles] if shown else [], prefix="roles")
        levels = list(shown.levels) if shown else []
        self.levels = LevelRows(typed, initial=[_level(level) for level in levels], prefix="levels")
        for position, form in enumerate(self.levels.forms):
            level = levels[position] if position < len(levels) and typed is None else None
            pages = [_plain(page) for page in level.pages] if level else []
            owed = [_owed(duty) for duty in level.owed] if level else []
            form.pages = PageRows(typed, initial=pages, prefix=f"{form.prefix}-pages")
            form.owed = OwedRows(typed, initial=owed, prefix=f"{form.prefix}-owed")

    def is_valid(self) -> bool:
        """Whether what was typed is a policy; if not, every field at fault says why."""
        misshapen = [form for form in self.every_form() if not form.is_valid()]
        try:
            document = read_fields(self.typed())
        except PolicyFileInvalid as invalid:
            for problem in invalid.problems:
                form, field = self._place(problem.path)
                form.add_error(field, _as_sentence(problem.sentence))
            return False
        if not misshapen:
            self.document = document
        return not misshapen

    def every_form(self) -> Iterator[forms.Form]:
        """The head, and each row of each list."""
        yield self.head
        yield from self.roles.forms
        for level in self.levels.forms:
            yield level
            yield from level.pages.forms
            yield from level.owed.forms

    def typed(self) -> dict[str, Any]:
        """What was typed, as the names and values of a policy file. Fills `places`."""
        head = self._row(self.head, ())
        calendar = {"zone": head.pop("zone", None), "closes_at": head.pop("closes_at", None)}
        for field in ("zone", "closes_at", "workdays", "holidays"):
            self.places["calendar", field] = (self.head, field)
        calendar |= {"workdays": head.pop("workdays", []), "holidays": head.pop("holidays", [])}
        return {
            **head,
            "ladder": self.slug,
            "calendar": {name: value for name, value in calendar.items() if value is not None},
            "roles": [self._row(form, ("roles", index)) for index, form in enumerate(_filled(self.roles))],
            "levels": [self._level(form, ("levels", index)) for index, form in enumerate(_filled(self.levels))],
        }

    def _level(self, form: Any, path: Path) -> dict[str, Any]:
        row = self._row(form, path)
        commander = self._split(form, row, (*path, "commander"), {"commander_rule": "rule", "schedule": "schedule"})
        chat = self._split(form, row, (*path, "chat"), {"chat_mode": "mode", "channel": "channel"})
        watch = self._split(form, row, (*path, "watch"), {"watch_for": "for", "watch_order": "order"})
        pages = [self._row(page, (*path, "pages", index)) for index, page in enumerate(_filled(form.pages))]
        owed = [self._row(duty, (*path, "owed", index)) for index, duty in enumerate(_filled(form.owed))]
        lists = {"pages": pages, "owed": owed}
        return {**row, "commander": commander, "chat": chat, **({"watch": watch} if watch else {}), **lists}

    def _row(self, form: forms.Form, path: Path) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for name in form.fields:
            if name == "DELETE":
                continue
            self.places[*path, name] = (form, name)
            value = form.cleaned_data.get(name)
            if isinstance(value, bool):
                row[name] = "yes" if value else "no"
            elif value not in (None, "", []):
                row[name] = value
        return row

    def _split(self, form: forms.Form, row: dict[str, Any], path: Path, names: dict[str, str]) -> dict[str, Any]:
        """Move the fields `names` out of `row` into a block of their own."""
        for field, name in names.items():
            self.places[*path, name] = (form, field)
        return {name: row.pop(field) for field, name in names.items() if field in row}

    def _place(self, path: Path) -> tuple[forms.Form, str | None]:
        while path:
            if path in self.places:
                return self.places[path]
            path = path[:-1]
        return self.head, None


def _filled(rows: Any) -> list[Any]:
    """The forms of a list that are neither deleted nor the empty one at its end."""
    return [
        form
        for position, form in enumerate(rows.forms)
        if not form.cleaned_data.get("DELETE") and (position < rows.initial_form_count() or form.is_filled())
    ]


def _as_sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(part: Any) -> dict[str, Any]:
    return {name: value for name, value in part.model_dump(mode="json").items() if value is not None}


def _head(document: PolicyDocument) -> dict[str, Any]:
    calendar = document.calendar
    return {
        "name": document.name,
        "description": document.description,
        "default_policy": document.default_policy,
        "zone": calendar.zone,
        "workdays": [str(day) for day in calendar.workdays],
        "holidays": "\n".join(map(str, calendar.holidays)),
        "closes_at": f"{calendar.closes_at:%H:%M}",
    }


def _level(level: Any) -> dict[str, Any]:
    plain = _plain(level)
    return {
        **plain,
        "examples": "\n".join(level.examples),
        "commander_rule": str(level.commander.rule),
        "schedule": level.commander.schedule,
        "chat_mode": str(level.chat.mode),
        "channel": level.chat.channel,
        "watch_for": level.watch.length if level.watch else "",
        "watch_order": str(level.watch.order) if level.watch else "",
    }


def _owed(duty: Any) -> dict[str, Any]:
    return {**_plain(duty), "to": ", ".join(duty.to)}
