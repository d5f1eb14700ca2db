"""`manage.py policy`: a ladder as a reviewed file. Exit code 1 and whole sentences for anything that is wrong."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actor import Actor
from accounts.enums import Via
from core.errors import InvalidInput, Refused
from incidents.actions.ladder import apply_document, make_default_ladder
from incidents.models import Ladder
from incidents.policy_file import (
    Plan,
    PolicyDocument,
    document_of,
    plan_document,
    preset_names,
    read_document,
    read_file_or_preset,
    write_document,
)
from incidents.queries.ladder import current_version, default_version


class Command(BaseCommand):
    """Export a ladder, say what a file would change, or apply it."""

    help = "Severity ladders as files: apply, plan or export one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="apply|plan|export")
        presets = ", ".join(preset_names())
        for verb, says in (("apply", "Make the ladder say what the file says."), ("plan", "Say what would change.")):
            one = verbs.add_parser(verb, help=says, description=says)
            one.add_argument("file", metavar="FILE-or-preset", help=f"A path, or one of the presets: {presets}.")
        verbs.choices["apply"].add_argument("--note", default="", help="Why, for the history of the ladder.")
        verbs.choices["apply"].add_argument(
            "--default", action="store_true", help="Declarations offer this ladder from now on."
        )
        export = verbs.add_parser("export", help="Print a ladder as a file.")
        export.add_argument("ladder", nargs="?", help="Its short name; without one the default ladder.")
        export.add_argument("--output", metavar="FILE", help="Write there instead.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            {"apply": self.apply, "plan": self.plan, "export": self.export}[options["verb"]](options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def apply(self, options: dict[str, Any]) -> None:
        """Plan, say it, do it."""
        document = read_named(options["file"])
        plan = plan_document(document)
        by, now = Actor(user=None, via=Via.COMMAND), timezone.now()
        version = apply_document(document, by=by, now=now, note=options["note"], expected=plan.number)
        self.say(plan)
        if options["default"]:
            make_default_ladder(version.ladder, by=by, now=now)
        kept = "is in force" if plan.changes else "stays in force"
        self.stdout.write(f"{version.ladder.name}: version {version.number} {kept}.")

    def plan(self, options: dict[str, Any]) -> None:
        """Say what would change, and change nothing."""
        self.say(plan_document(read_named(options["file"])))

    def say(self, plan: Plan) -> None:
        """The changes as they are, the warnings as warnings."""
        for line in [*(plan.changes or ["Nothing changes."]), *plan.keeps]:
            self.stdout.write(line)
        for line in plan.warnings:
            self.stderr.write(self.style.WARNING(f"Warning: {line}"))

    def export(self, options: dict[str, Any]) -> None:
        """The file of the version in force."""
        version = default_version()
        if slug := options["ladder"]:
            ladder = Ladder.objects.filter(slug=slug).first()
            version = current_version(ladder) if ladder else None
        if version is None:
            known = ", ".join(Ladder.objects.values_list("slug", flat=True)) or "none yet"
            raise InvalidInput(f"There is no ladder called {slug or 'the default'}; ladders are: {known}.")
        head = f"{version.ladder.name}, version {version.number}, as exported by Muster."
        text = write_document(document_of(version), head=head)
        if not options["output"]:
            self.stdout.write(text, ending="")
            return
        try:
            Path(options["output"]).write_text(text, encoding="utf-8")
        except OSError as error:
            raise InvalidInput(f"{options['output']} cannot be written: {error.strerror}.") from error


def read_named(name: str) -> PolicyDocument:
    """The checked document of a preset, of the file at a path, or of the standard input for a dash."""
    if name == "-":
        return read_document(sys.stdin.buffer.read(), source="standard input")
    text, called = read_file_or_preset(name)
    return read_document(text, source=called)
