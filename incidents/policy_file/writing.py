"""From a document to the text of its file: the same words in the same order, whoever exports it."""

from typing import Any

import yaml

from incidents.enums import ChatMode
from incidents.policy_file.document import ChatPart, Part, PolicyDocument
from incidents.policy_file.fields import DAYS, SLUG

WIDTH = 110


class _Dumper(yaml.SafeDumper):
    """Lists stand inside what they belong to; texts of several lines stand as they read."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def write_text(self, text: str) -> yaml.ScalarNode:
        """A scalar, as a block where it has several lines."""
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)

    def write_short_list(self, values: "_Short") -> yaml.SequenceNode:
        """A list that fits in its line."""
        return self.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=True)


class _Short(list[Any]):
    """A list of short names."""


_Dumper.add_representer(str, _Dumper.write_text)
_Dumper.add_representer(_Short, _Dumper.write_short_list)


def write_document(document: PolicyDocument, *, head: str = "") -> str:
    """`document` as YAML text, which `read_document` reads back as an equal one. `head` becomes a comment above it."""
    comment = "".join(f"# {line}\n" for line in head.splitlines())
    body = yaml.dump(fields_of(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return comment + body


def fields_of(document: PolicyDocument) -> dict[str, Any]:
    """`document` as the names and values of its file, without what says nothing."""
    calendar = document.calendar
    head = {
        "ladder": document.ladder,
        "name": document.name,
        "description": document.description,
        "default_policy": document.default_policy,
        "confidence_from": document.confidence_from,
        "storm_from": document.storm_from,
        "blind_level": document.blind_level,
        "tasks_understood": document.tasks_understood or None,
        "calendar": _filled(
            {
                "zone": calendar.zone,
                "workdays": _Short(DAYS[day - 1] for day in calendar.workdays),
                "holidays": list(calendar.holidays),
                "closes_at": f"{calendar.closes_at:%H:%M}",
            }
        ),
    }
    others = [name for name in PolicyDocument.model_fields if name not in head]
    return _filled({**head, **{name: _written(getattr(document, name)) for name in others}})


def _filled(names: dict[str, Any]) -> dict[str, Any]:
    """Without what says nothing: an empty text, an empty list, no value."""
    return {name: value for name, value in names.items() if value not in (None, "", [], {})}


def _written(value: Any) -> Any:
    """A value as the file has it: a part by its fields, a list of names in one line."""
    if isinstance(value, ChatPart) and value.mode == ChatMode.NONE:
        return None
    if isinstance(value, Part):
        return _filled(
            {
                declared.alias or name: _written(getattr(value, name))
                for name, declared in type(value).model_fields.items()
                if value.WRITES_DEFAULTS or declared.is_required() or getattr(value, name) != declared.get_default()
            }
        )
    if isinstance(value, tuple):
        short = value and all(isinstance(entry, str) and SLUG.match(entry.lower()) for entry in value)
        return _Short(map(str, value)) if short else [_written(entry) for entry in value]
    return str(value) if isinstance(value, str) else value
