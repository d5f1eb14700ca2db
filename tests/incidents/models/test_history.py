"""The record is not rewritten, by plain SQL either: only what follows how things stand changes, and nothing goes."""

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.db.models import Field, Model

from incidents import models as of
from incidents.enums import LineKind, TaskStatus
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.checklist import AttachmentFactory, ChecklistItemFactory, ChecklistMarkFactory, EntryFileFactory
from tests.factories.incidents import (
    IncidentFactory,
    PromiseFactory,
    RoleAssignmentFactory,
    SeverityChangeFactory,
    StatusUpdateFactory,
    TimelineEntryFactory,
)
from tests.factories.people import HandoverFactory, ResponderFactory, SubTeamFactory, SubTeamMemberFactory
from tests.factories.scenario import IncidentEscalationFactory, IncidentFlagFactory, IncidentRunbookFactory
from tests.factories.words import IncidentLinkFactory, PinFactory
from tests.factories.working import (
    AffectedServiceFactory,
    CustomerReportFactory,
    DecisionFactory,
    HypothesisFactory,
    HypothesisLineFactory,
    MitigationFactory,
    TaskFactory,
)

pytestmark = pytest.mark.django_db

# {model: what makes a row of it}
KEPT: dict[type[Model], Any] = {
    of.AffectedService: AffectedServiceFactory,
    of.Attachment: AttachmentFactory,
    of.ChecklistItem: ChecklistItemFactory,
    of.ChecklistMark: ChecklistMarkFactory,
    of.CustomerReport: CustomerReportFactory,
    of.Decision: DecisionFactory,
    of.EntryFile: EntryFileFactory,
    of.Handover: HandoverFactory,
    of.Hypothesis: HypothesisFactory,
    of.HypothesisLine: HypothesisLineFactory,
    of.Incident: IncidentFactory,
    of.IncidentEscalation: IncidentEscalationFactory,
    of.IncidentFlag: IncidentFlagFactory,
    of.IncidentLink: IncidentLinkFactory,
    of.IncidentRunbook: IncidentRunbookFactory,
    of.Mitigation: MitigationFactory,
    of.Pin: PinFactory,
    of.Promise: PromiseFactory,
    of.Responder: ResponderFactory,
    of.RoleAssignment: RoleAssignmentFactory,
    of.SeverityChange: SeverityChangeFactory,
    of.StatusUpdate: StatusUpdateFactory,
    of.SubTeam: SubTeamFactory,
    of.SubTeamMember: SubTeamMemberFactory,
    of.Task: TaskFactory,
    of.TimelineEntry: TimelineEntryFactory,
}
# {model: fields that change as often as things do}
FREE: dict[type[Model], set[str]] = {
    of.AffectedService: {"state", "set_at", "set_by"},
    of.ChecklistItem: {"outcome", "marked_at", "marked_by", "note", "attachment"},
    of.Decision: {"outcome", "outcome_at", "outcome_by"},
    of.IncidentEscalation: {"due_at", "withdrawn_at"},
    of.IncidentLink: {"relation"},
    of.Hypothesis: {"status", "confidence", "changed_at"},
    of.Mitigation: {"outcome", "outcome_at", "outcome_by", "remaining"},
    of.RoleAssignment: {"shift_ends_at", "wake_at", "prompted_at", "alive_at", "asked_at", "absent_at"},
    of.SubTeam: {"lead"},
    # The last three are filled in once, with the status: a test of its own says so.
    of.Task: {"owner", "due_at", "understood_at", "status", "ended_at", "ended_by", "reason"},
}
# {model: the only fields that never change; the others say where it stands}
FIXED: dict[type[Model], set[str]] = {
    of.Incident: {"number", "reference", "is_drill", "declared_at", "declared_by"},
    of.Promise: {"incident", "kind", "subject_key"},
}
# (model, fields that are empty at first and are filled in together, once, what else the row says)
LATER: list[tuple[type[Model], set[str], dict[str, Any]]] = [
    (of.Handover, {"accepted_at"}, {}),
    (of.Handover, {"declined_at"}, {}),
    (of.Handover, {"withdrawn_at"}, {}),
    (of.HypothesisLine, {"done_at", "done_by"}, {"kind": LineKind.STEP}),
    (of.IncidentEscalation, {"fired_at"}, {}),
    (of.IncidentFlag, {"lowered_at", "lowered_by"}, {}),
    (of.IncidentRunbook, {"was_new_at"}, {}),
    (of.Pin, {"taken_down_at", "taken_down_by"}, {}),
    (of.Promise, {"kept_at", "kept_by"}, {}),
    (of.Promise, {"withdrawn_at", "withdrawn_reason"}, {}),
    (of.Responder, {"left_at"}, {}),
    (of.RoleAssignment, {"ended_at"}, {}),
    (of.SeverityChange, {"settled_at"}, {}),
    (of.SeverityChange, {"taken_back_at"}, {}),
    (of.StatusUpdate, {"public_text", "told_public_at"}, {}),
    (of.StatusUpdate, {"brief"}, {}),
    (of.SubTeam, {"ended_at"}, {}),
    (of.SubTeamMember, {"left_at"}, {}),
]
# What is no history: how a reader or the machine stands, what upper rows say again, and what may be corrected.
NO_HISTORY = {
    of.Deployment,
    of.Digest,
    of.LastLook,
    of.SentAway,
    of.Submission,
}
# SQL that makes another value of a column, by its type.
OTHER = {
    "boolean": "NOT {0}",
    "bytea": "'other'::bytea",
    "jsonb": """'["other"]'::jsonb""",
    "text": "left(md5({0}), 8)",
    "timestamp": "COALESCE({0}, now()) + interval '1 day'",
    "number": "COALESCE({0}, 0) + 1",
}


def other(field: "Field[Any, Any]") -> str:
    """An expression for another value than the one that stands there."""
    kind = (field.db_type(connection) or "").partition("(")[0]
    name = {"varchar": "text", "timestamp with time zone": "timestamp"}.get(kind, kind)
    return OTHER.get(name, OTHER["number"]).format(f'"{field.column}"')


def write(row: Model, **columns: str) -> None:
    """Plain SQL, past every model and action: {field: SQL}."""
    sets = ", ".join(f'"{row._meta.get_field(name).column}" = {sql}' for name, sql in columns.items())
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(f'UPDATE "{row._meta.db_table}" SET {sets} WHERE id = %s', [row.pk])


def refused(row: Model, fields: set[str]) -> set[str]:
    """Which of `fields` a trigger will not have changed; another refusal (a constraint) is none of it."""
    found = set()
    for name in fields:
        try:
            with transaction.atomic():
                write(row, **{name: other(row._meta.get_field(name))})
                transaction.set_rollback(True)
        except DatabaseError as error:
            found |= {name} if "pgtrigger: Cannot update" in str(error) else set()
    return found


def fields_of(model: type[Model]) -> set[str]:
    return {field.name for field in model._meta.concrete_fields}


def changing(model: type[Model]) -> set[str]:
    """Those that a row which was just written may still change."""
    later = {name for of_model, names, _ in LATER if of_model is model for name in names}
    return fields_of(model) - FIXED[model] if model in FIXED else FREE.get(model, set()) | later


def test_every_row_about_an_incident_is_history_or_is_said_to_be_none() -> None:
    of_incidents = {
        model for model in apps.get_app_config("incidents").get_models() if ".ladder" not in model.__module__
    }

    assert of_incidents == KEPT.keys() | NO_HISTORY


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_a_row_is_not_taken_away(model: type[Model]) -> None:
    row = KEPT[model]()

    with (
        pytest.raises(ProgrammingError, match=r"pgtrigger: Cannot (update or )?delete"),
        connection.cursor() as cursor,
    ):
        cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE id = %s', [row.pk])


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_what_was_written_down_stays_as_it_was_written(model: type[Model]) -> None:
    assert refused(KEPT[model](), fields_of(model)) == fields_of(model) - changing(model)


@pytest.mark.parametrize(("model", "fields", "given"), LATER)
def test_what_comes_later_is_filled_in_once(model: type[Model], fields: set[str], given: dict[str, Any]) -> None:
    row, person = KEPT[model](**given), UserFactory()
    first = {"_at": "now() + interval '1 hour'", "_by": str(person.pk)}
    said = {name: first.get(name[-3:], "'Said once'") for name in fields}

    write(row, **said)

    assert refused(row, fields) == fields
    write(row, **{name: f'"{row._meta.get_field(name).column}"' for name in fields})


def test_a_task_that_has_ended_stays_so() -> None:
    row = TaskFactory(status=TaskStatus.DROPPED, ended_at=NOW, ended_by=UserFactory(), reason="not needed")

    assert refused(row, {"ended_at", "ended_by", "reason"}) == {"ended_at", "ended_by", "reason"}


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_nobody_did_what_has_no_moment(model: type[Model]) -> None:
    row, person = KEPT[model](), UserFactory()
    names = {field.name for field in model._meta.concrete_fields if field.null}
    acts = sorted(name[:-3] for name in names if name.endswith("_by") and f"{name[:-3]}_at" in names)

    names_of_refusals = "by_has_its_moment|marked_by_a_person|taken_down_by_somebody|pgtrigger: Cannot update"
    for act in acts:
        with pytest.raises(DatabaseError, match=names_of_refusals):
            write(row, **{f"{act}_by": str(person.pk), f"{act}_at": "NULL"})
