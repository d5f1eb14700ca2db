"""A ladder as a form: the fields of its file, checked by the rules of its file, one chapter at a time.

The forms check nothing themselves. What was typed becomes the names and values of a policy file, policy_file reads
them, and each problem goes back to the field that it is about.
"""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import QueryDict

from incidents.forms.ladder.fields import row_form
from incidents.forms.ladder.level import HeadForm, LevelForm
from incidents.forms.ladder.rows import PartRows, Places, as_typed, filled, raw_of
from incidents.policy_file import PolicyDocument, PolicyFileInvalid, fields_of, read_fields
from incidents.policy_file.document import LevelPart, PostmortemPart
from incidents.policy_file.problems import Path

LevelRows = forms.formset_factory(LevelForm, extra=1, can_delete=True, max_num=40, absolute_max=40)

# The chapters of a ladder's form: its address, its title, and the lists of the file that stand in it.
CHAPTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("Levels and roles", ("roles", "levels")),
    "phases": ("Phases and checklists", ("phases",)),
    "mitigations": ("Mitigations and symptoms", ("mitigations", "symptoms")),
    "runbooks": ("Runbooks", ("runbooks",)),
    "escalations": ("Flags and escalation", ("chains", "flags", "escalations")),
    "texts": ("Texts, links, contacts", ("texts", "links", "contacts")),
    "postmortem": ("Postmortem", ("postmortem",)),
}

SCALARS = ("name", "description", "default_policy", "confidence_from", "storm_from", "blind_level", "tasks_understood")
OF_HEAD = {*SCALARS, "calendar", "levels"}


class LadderForms:
    """All forms of one chapter of a ladder: `rows` for its lists, and `head` and `levels`, or `template`, of its own.

    What stands in other chapters stays as it is in `shown`. `document` is None until `is_valid()` has said yes.
    """

    def __init__(
        self, slug: str, shown: PolicyDocument | None, typed: QueryDict | None = None, *, chapter: str = ""
    ) -> None:
        self.slug, self.shown, self.chapter = slug, shown, chapter
        self.title, names = CHAPTERS[chapter]
        self.document: PolicyDocument | None = None
        self.places: Places = {}
        self.rows = [
            PartRows(name, part, getattr(shown, name) if shown else (), typed, prefix=name)
            for name, part in PolicyDocument.lists().items()
            if name in names and part is not LevelPart
        ]
        self.head: forms.Form | None = None
        self.levels: Any = None
        self.template: forms.Form | None = None
        if chapter == "":
            self._levels(shown, typed)
        if chapter == "postmortem":
            template = shown.postmortem if shown else None
            initial = as_typed(template) if template else {}
            self.template = row_form(PostmortemPart)(typed, initial=initial, prefix="postmortem")
            sections = template.sections if template else ()
            part = PostmortemPart.lists()["sections"]
            self.rows = [PartRows("sections", part, sections, typed, prefix="sections")]

    def _levels(self, shown: PolicyDocument | None, typed: QueryDict | None) -> None:
        self.head = HeadForm(typed, initial=_head(shown) if shown else {}, prefix="head")
        levels = list(shown.levels) if shown else []
        self.levels = LevelRows(
            typed, initial=[_level(level) for level in levels] if typed is None else [], prefix="levels"
        )
        for position, form in enumerate(self.levels.forms):
            level = levels[position] if position < len(levels) and typed is None else None
            form.lists = [
                PartRows(name, part, getattr(level, name) if level else (), typed, prefix=f"{form.prefix}-{name}")
                for name, part in LevelPart.lists().items()
            ]

    def is_valid(self) -> bool:
        """Whether what was typed is a policy; if not, every field at fault says why."""
        misshapen = [form for form in self.every_form() if not form.is_valid()]
        try:
            document = read_fields(self.typed())
        except PolicyFileInvalid as invalid:
            for problem in invalid.problems:
                form, field = self._place(problem.path)
                sentence = problem.sentence if field else str(problem)
                form.add_error(field, _as_sentence(sentence))
            return False
        if not misshapen:
            self.document = document
        return not misshapen

    def every_form(self) -> Iterator[forms.Form]:
        """The form of its own, and each row of each list."""
        yield from (form for form in (self.head, self.template) if form is not None)
        for level in self.levels.forms if self.levels else []:
            yield level
            for inside in level.lists:
                yield from inside.every_form()
        for rows in self.rows:
            yield from rows.every_form()

    def mistakes(self) -> Iterator[tuple[str, str, str]]:
        """(the id of a field at fault, whose and what it is, why): the page is many screens long."""
        for form in self.every_form():
            whose = str(form["name"].value() or "") if "name" in form.fields else ""
            for name, sentences in form.errors.items():
                if name in form.fields:
                    label = str(form[name].label)
                    what = f"{whose}, {label.lower()}" if whose and name != "name" else label
                    yield from ((form[name].id_for_label, what, str(sentence)) for sentence in sentences)

    def typed(self) -> dict[str, Any]:
        """What was typed, as the names and values of a policy file, with the other chapters. Fills `places`."""
        raw = {**(fields_of(self.shown) if self.shown else {}), "ladder": self.slug}
        if self.head:
            raw = {name: value for name, value in raw.items() if name not in OF_HEAD} | self._typed_head(self.head)
        if self.template:
            template = raw_of(self.template, ("postmortem",), self.places)
            sections = self.rows[0].raw(("postmortem", "sections"), self.places)
            return raw | {"postmortem": {**template, "sections": sections}}
        return raw | {rows.name: rows.raw((rows.name,), self.places) for rows in self.rows}

    def _typed_head(self, form: forms.Form) -> dict[str, Any]:
        head = raw_of(form, (), self.places)
        calendar = {}
        for name in ("zone", "closes_at", "workdays", "holidays"):
            self.places["calendar", name] = (form, name)
            if name in head or name in {"workdays", "holidays"}:
                calendar[name] = head.pop(name, [])
        levels = [self._level(row, ("levels", index)) for index, row in enumerate(filled(self.levels))]
        return {**head, "calendar": calendar, "levels": levels}

    def _level(self, form: Any, path: Path) -> dict[str, Any]:
        row = raw_of(form, path, self.places)
        names = {"commander_rule": "rule", "schedule": "schedule", "backup": "backup"}
        commander = self._split(form, row, (*path, "commander"), names)
        chat = self._split(form, row, (*path, "chat"), {"chat_mode": "mode", "channel": "channel"})
        watch = self._split(form, row, (*path, "watch"), {"watch_for": "for", "watch_order": "order"})
        lists = {rows.name: rows.raw((*path, rows.name), self.places) for rows in form.lists}
        return {**row, "commander": commander, "chat": chat, **({"watch": watch} if watch else {}), **lists}

    def _split(self, form: Any, row: dict[str, Any], path: Path, names: dict[str, str]) -> dict[str, Any]:
        """Move the fields `names` out of `row` into a block of their own."""
        for field, name in names.items():
            self.places[*path, name] = (form, field)
        return {name: row.pop(field) for field, name in names.items() if field in row}

    def _place(self, path: Path) -> tuple[forms.Form, str | None]:
        """The field that a problem is about; a field of another chapter is named at the top."""
        while path:
            if path in self.places:
                return self.places[path]
            path = path[:-1]
        return next(self.every_form()), None


def _as_sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _head(document: PolicyDocument) -> dict[str, Any]:
    calendar = document.calendar
    return {
        **{name: getattr(document, name) for name in SCALARS},
        "zone": calendar.zone,
        "workdays": [str(day) for day in calendar.workdays],
        "holidays": "\n".join(map(str, calendar.holidays)),
        "closes_at": f"{calendar.closes_at:%H:%M}",
    }


def _level(level: LevelPart) -> dict[str, Any]:
    return {
        **as_typed(level),
        "examples": "\n".join(level.examples),
        "commander_rule": str(level.commander.rule),
        "schedule": level.commander.schedule,
        "backup": level.commander.backup,
        "chat_mode": str(level.chat.mode),
        "channel": level.chat.channel,
        "watch_for": level.watch.length if level.watch else "",
        "watch_order": str(level.watch.order) if level.watch else "",
    }
