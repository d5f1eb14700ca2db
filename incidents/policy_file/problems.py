"""What is wrong with a policy: the line, the field and the reason, in sentences."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from core.errors import InvalidInput
from incidents.policy_file import document as parts

Path = tuple[str | int, ...]

# By which of its fields an entry of a list is called in a sentence.
NAMED_BY = ("slug", "name", "group", "what", "text", "symptom", "issue", "who", "role", "policy")

PART_OF: dict[str, type[BaseModel]] = {
    "": parts.PolicyDocument,
    "calendar": parts.CalendarPart,
    "commander": parts.CommanderPart,
    "chat": parts.ChatPart,
    "watch": parts.WatchPart,
    "postmortem": parts.PostmortemPart,
    **{
        name: part
        for whole in (parts.PolicyDocument, parts.LevelPart, parts.PhasePart, parts.RunbookPart, parts.PostmortemPart)
        for name, part in whole.lists().items()
    },
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `line` counts from 1 and is None where there is no file; `path` is for forms."""

    sentence: str
    field: str = ""
    line: int | None = None
    path: Path = ()

    def __str__(self) -> str:
        where = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.field) if part)
        return f"{where}: {self.sentence}" if where else self.sentence


class PolicyFileInvalid(InvalidInput):
    """The policy makes no sense; `problems` holds every one that was found, in the order of the file."""

    def __init__(self, problems: Sequence[Problem], *, source: str = "") -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line or 0)
        prefix = f"{source}, " if source else ""
        super().__init__("\n".join(f"{prefix}{problem}" for problem in self.problems))


def field_in_words(path: Path, raw: Any) -> str:
    """`levels[SEV1].owed[status_update].within`: the path of a field, its list entries by name where they have one."""
    words = ""
    for step in path:
        raw = _inside(raw, step)
        if isinstance(step, int):
            called = next((raw[key] for key in NAMED_BY if isinstance(raw, dict) and raw.get(key)), step + 1)
            words += f"[{called}]"
        else:
            words += f".{step}" if words else str(step)
    return words


def _inside(raw: Any, step: str | int) -> Any:
    if isinstance(raw, dict):
        return raw.get(step)
    if isinstance(raw, list) and isinstance(step, int) and step < len(raw):
        return raw[step]
    return None


def sentences_of(error: ValidationError) -> list[tuple[Path, str]]:
    """Every complaint of pydantic as the path of its field and a sentence."""
    return [(_path(details), _sentence(details)) for details in error.errors(include_url=False)]


def _path(details: ErrorDetails) -> Path:
    return tuple(step for step in details["loc"] if isinstance(step, int) or not step.startswith("function-"))


def _sentence(details: ErrorDetails) -> str:
    context: dict[str, Any] = details.get("ctx", {})
    given = details.get("input")
    match details["type"]:
        case "value_error":
            return str(context["error"])
        case "missing":
            return "is missing."
        case "extra_forbidden":
            return _unknown(_path(details))
        case "tuple_type" | "list_type":
            return "must be a list: begin each entry with a dash."
        case "model_type" | "model_attributes_type" | "dict_type":
            return "must be a block of names and values, like “for: 30 min”."
        case "bool_parsing" | "bool_type":
            return f"“{given}” is neither yes nor no."
        case "int_parsing" | "int_type" | "int_from_float" | "int_parsing_size":
            return f"“{given}” is not a whole number."
        case "greater_than_equal":
            return f"must be {context['ge']} or more."
        case "less_than_equal":
            return f"must be {context['le']} or less."
        case "string_type":
            return "must be one text, not a list or a block."
    return f"{details['msg']}."


def _unknown(path: Path) -> str:
    within = next((step for step in reversed(path[:-1]) if isinstance(step, str)), "")
    names = [field.alias or name for name, field in PART_OF[within].model_fields.items()]
    near = difflib.get_close_matches(str(path[-1]).lower(), names, n=1, cutoff=0.5)
    hint = f"did you mean “{near[0]}”?" if near else f"known here are {', '.join(names)}."
    return f"“{path[-1]}” is not known here; {hint}"
