"""From a document to the text of its file: the same words in the same order, whoever exports it."""

from typing import Any

import yaml

from incidents.enums import ChatMode
from incidents.policy_file.document import LevelPart, OwedPart, PagePart, PolicyDocument, RolePart
from incidents.policy_file.fields import DAYS

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
    body = yaml.dump(_filled(_ladder(document)), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return comment + body


def _filled(names: dict[str, Any]) -> dict[str, Any]:
    """Without what says nothing: an empty text, an empty list, no value."""
    return {name: value for name, value in names.items() if value not in (None, "", [], {})}


def _ladder(document: PolicyDocument) -> dict[str, Any]:
    calendar = document.calendar
    return {
        "ladder": document.ladder,
        "name": document.name,
        "description": document.description,
        "default_policy": document.default_policy,
        "calendar": _filled(
            {
                "zone": calendar.zone,
                "workdays": _Short(DAYS[day - 1] for day in calendar.workdays),
                "holidays": list(calendar.holidays),
                "closes_at": f"{calendar.closes_at:%H:%M}",
            }
        ),
        "roles": [_role(role) for role in document.roles],
        "levels": [_level(level) for level in document.levels],
    }


def _role(role: RolePart) -> dict[str, Any]:
    return _filled(
        {
            "slug": role.slug,
            "name": role.name,
            "kind": str(role.kind),
            "duties": role.duties,
            "holds_several": role.holds_several,
        }
    )


def _level(level: LevelPart) -> dict[str, Any]:
    has_chat = level.chat.mode != ChatMode.NONE
    return _filled(
        {
            "name": level.name,
            "rank": level.rank,
            "criteria": level.criteria,
            "examples": list(level.examples),
            "acknowledge_within": level.acknowledge_within,
            "respond_within": level.respond_within,
            "rings_until_answered": level.rings_until_answered,
            "silent_after": level.silent_after,
            "commander": _filled({"rule": str(level.commander.rule), "schedule": level.commander.schedule}),
            "pages": [_page(page) for page in level.pages],
            "chat": _filled({"mode": str(level.chat.mode), "channel": level.chat.channel}) if has_chat else None,
            "status_document": level.status_document,
            "public": level.public,
            "watch": {"for": level.watch.length, "order": str(level.watch.order)} if level.watch else None,
            "owed": [_owed(duty) for duty in level.owed],
        }
    )


def _page(page: PagePart) -> dict[str, Any]:
    return {
        "group": page.group,
        "policy": page.policy,
        "makes_commander": page.makes_commander,
        "answers_needed": page.answers_needed,
    }


def _owed(duty: OwedPart) -> dict[str, Any]:
    return _filled(
        {
            "what": str(duty.what),
            "within": duty.within,
            "by": duty.by,
            "to": _Short(duty.to),
            "remind_before": duty.remind_before,
            "deputy": duty.deputy,
            "deputy_after": duty.deputy_after,
            "escalate_policy": duty.escalate_policy,
            "escalate_after": duty.escalate_after,
        }
    )
