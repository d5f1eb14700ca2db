"""`manage.py policy`: a ladder as a reviewed file, and what is wrong with escalation policies.

Exit code 1 and whole sentences for anything that is wrong.
"""

import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.utils import timezone

from accounts.actor import Actor
from accounts.enums import Via
from core.command import DatabaseCommand
from core.errors import InvalidInput, Refused
from core.moments import organisation_zone
from escalation.forms.moment import LocalMomentField
from escalation.models import Policy
from escalation.queries.lint import findings_of
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


class Command(DatabaseCommand):
    """Export a ladder, say what a file would change, or apply it."""

    help = "Severity ladders as files: apply, plan or export one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="apply|plan|export|lint")
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
        lint = verbs.add_parser(
            "lint", help="Say what is wrong with escalation policies; exit code 1 when anything is."
        )
        lint.add_argument("policies", nargs="*", metavar="POLICY", help="Their short names; without any all of them.")
        lint.add_argument(
            "--at", default="", help="As they stand at a moment of the organisation's zone: 2026-04-18 14:15."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            verbs = {"apply": self.apply, "plan": self.plan, "export": self.export, "lint": self.lint}
            verbs[options["verb"]](options)
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

    def lint(self, options: dict[str, Any]) -> None:
        """A line for each thing that is wrong now, or at a chosen moment, or will be within 30 days of it."""
        policies = Policy.objects.order_by("slug")
        if named := set(options["policies"]):
            policies = policies.filter(slug__in=named)
            if missing := sorted(named - {policy.slug for policy in policies}):
                raise InvalidInput(f"There is no escalation policy called “{missing[0]}”.")
        chosen, count = moment_of(options["at"]), 0
        now, zone = chosen or timezone.now(), organisation_zone() if chosen else None
        for policy in policies:
            for finding in findings_of(policy, now, zone):
                count += 1
                self.stdout.write(f"{policy.slug}: {finding.sentence}")
        if count:
            raise CommandError(f"{count} {'thing is' if count == 1 else 'things are'} wrong.")
        self.stdout.write("Nothing is wrong.")


def moment_of(text: str) -> datetime | None:
    """What `--at` says as an instant, None for nothing. Raises InvalidInput for what is no moment."""
    try:
        return LocalMomentField(zone=organisation_zone(), required=False).clean(text)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages)) from error


def read_named(name: str) -> PolicyDocument:
    """The checked document of a preset, of the file at a path, or of the standard input for a dash."""
    if name == "-":
        return read_document(sys.stdin.buffer.read(), source="standard input")
    text, called = read_file_or_preset(name)
    return read_document(text, source=called)
