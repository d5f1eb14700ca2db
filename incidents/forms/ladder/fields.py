"""The kinds of fields of a ladder's form, and the form of any part, made from what the part says of itself."""

from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from django import forms
from django.db.models import TextChoices

from incidents.policy_file import fields as f
from incidents.policy_file.document import Part

EMPTY = [("", "---------")]
# What is written in one long line; of the others a few letters are enough.
LONG = (f.Name, f.Sentence, f.Example, f.Criteria, f.Group, f.Command, f.Url, f.ContactMethod)


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

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        return [entry.strip() for entry in (super().to_python(value) or "").splitlines() if entry.strip()]


class Names(Entries):
    """Short names with commas or spaces between them, as a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        return (super().to_python(value) or "").replace(",", " ").split()


class Row(forms.Form):
    """One row of a list, with its own `lists`; the empty one at the end counts only once something is in it."""

    lists: Any = ()

    def is_filled(self) -> bool:
        """Whether anything in it differs from an empty row."""
        return self.has_changed()


class Commas(Entries):
    """Names with commas between them, as a list."""

    def to_python(self, value: Any) -> Any:
        return [name.strip() for name in (super().to_python(value) or "").split(",") if name.strip()]

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


@cache
def row_form(part: type[Part]) -> type[Row]:
    """The form of one entry: a field for each field of `part` that is not a list of parts."""
    hints = get_type_hints(part, include_extras=True)
    made = {
        name: _field_of(hints[name], declared.title or name, declared.description or "", declared)
        for name, declared in part.model_fields.items()
        if name not in part.lists()
    }
    return type(f"{part.__name__}Form", (Row,), made)


def _field_of(hint: Any, label: str, help_text: str, declared: Any) -> forms.Field:
    hint = _without_none(hint)
    kind = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    extra = declared.json_schema_extra or {}
    if kind is bool:
        return tick(label, help_text)
    if isinstance(kind, type) and issubclass(kind, TextChoices):
        chosen = extra.get("choices") or kind.choices
        initial = "" if declared.is_required() else declared.get_default() or ""
        return choice(label, help_text, chosen if initial else EMPTY + list(chosen), initial)
    if hint == f.LevelNames:
        return Commas(label=label, help_text=help_text, required=False)
    if get_origin(kind) is tuple:
        if extra.get("wide"):
            widget = forms.Textarea(attrs={"class": "vLargeTextField", "rows": 3})
            return Lines(label=label, help_text=help_text, required=False, widget=widget)
        return Names(label=label, help_text=help_text, required=False)
    if extra.get("wide"):
        return some_lines(label, help_text)
    return line(label, help_text) if hint in LONG else short(label, help_text)


def _without_none(hint: Any) -> Any:
    """`X` for `X | None`."""
    inside = get_args(hint)
    return next(kind for kind in inside if kind is not type(None)) if type(None) in inside else hint
