"""docs/states.md from the workflow tables, so that the picture cannot rot: `make check` compares the two."""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import TextChoices

HEAD = """# States

Which state may follow which, and what goes with each. Made from the tables in `<app>/states.py` by
`manage.py states`; edit those, never this file.
"""


class Command(BaseCommand):
    """Write docs/states.md, or say that it is stale."""

    help = "Writes docs/states.md from the tables in <app>/states.py; --check compares and fails instead."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to compare, and with which file."""
        parser.add_argument("--check", action="store_true", help="Change nothing; fail when the file is stale.")
        parser.add_argument("--file", type=Path, default=Path(settings.BASE_DIR) / "docs" / "states.md")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare."""
        file: Path = options["file"]
        text = document(state_modules())
        if not options["check"]:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            raise CommandError(f"{file} is stale; run: .venv/bin/python manage.py states")


def state_modules() -> list[ModuleType]:
    """The `states` modules of Muster's own apps, in the order in which the apps are installed."""
    own = [app for app in apps.get_app_configs() if Path(app.path).parent == Path(settings.BASE_DIR)]
    return [
        import_module(f"{app.name}.states") for app in own if app.name != "core" and find_spec(f"{app.name}.states")
    ]


def document(modules: list[ModuleType]) -> str:
    """The whole file: one section for each table of transitions."""
    sections = [section(module, table) for module in modules for table in transition_tables(module)]
    return "\n".join([HEAD, *sections])


def transition_tables(module: ModuleType) -> Iterator[Mapping[TextChoices, frozenset[TextChoices]]]:
    """The tables {state: states that may follow} of `module`."""
    for value in vars(module).values():
        if isinstance(value, Mapping) and value and all(isinstance(then, frozenset) for then in value.values()):
            yield value


def section(module: ModuleType, table: Mapping[TextChoices, frozenset[TextChoices]]) -> str:
    """Heading, diagram and table of one workflow; its states stand in the order of their enumeration."""
    kind = type(next(iter(table)))
    heading = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).capitalize()
    about = (kind.__doc__ or "").strip()
    return f"## {heading}\n\n{about}\n\n{diagram(kind, table)}\n\n{grid(module, kind, table)}\n"


def diagram(kind: type[TextChoices], table: Mapping[TextChoices, frozenset[TextChoices]]) -> str:
    """The workflow as a Mermaid diagram: it begins with the first state and ends where nothing follows."""
    arrows = [f"    [*] --> {next(iter(kind)).value}"]
    for state in kind:
        arrows += [f"    {state.value} --> {then.value}" for then in kind if then in table[state]]
        arrows += [] if table[state] else [f"    {state.value} --> [*]"]
    return "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```"])


def grid(module: ModuleType, kind: type[TextChoices], table: Mapping[TextChoices, frozenset[TextChoices]]) -> str:
    """One row a state: what may follow it, then a column for each table that stands beside the transitions."""
    columns = dict(columns_beside(module, kind, table))
    rows = [["State", "May be followed by", *columns], ["---"] * (2 + len(columns))]
    for state in kind:
        follow = ", ".join(str(then.label) for then in kind if then in table[state]) or "nothing"
        rows.append([str(state.label), follow, *(column[state] for column in columns.values())])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def columns_beside(
    module: ModuleType, kind: type[TextChoices], table: Mapping[TextChoices, frozenset[TextChoices]]
) -> Iterator[tuple[str, dict[TextChoices, str]]]:
    """The other tables of the same states: {state: word} as its words, a set of states as “yes”."""
    for name, value in vars(module).items():
        heading = name.replace("_", " ").capitalize()
        if value is table or not isinstance(value, Mapping | frozenset) or not all(type(key) is kind for key in value):
            continue
        if isinstance(value, Mapping):
            yield heading, {state: str(getattr(value.get(state), "label", value.get(state, ""))) for state in kind}
        else:
            yield heading, {state: "yes" if state in value else "" for state in kind}
