"""What people do about an incident, and what they know around it: all in the query of the incident itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from escalation.models import Service
from incidents.enums import HypothesisStatus, LineKind, MitigationOutcome, TaskStatus
from incidents.models import (
    AffectedService,
    CustomerReport,
    Decision,
    Hypothesis,
    HypothesisLine,
    Incident,
    LinkTemplate,
    Mitigation,
    MitigationOption,
    Symptom,
    Task,
)
from incidents.queries.changes import Change, changes_of, recent_deployments
from incidents.queries.gathered import gathered, person_of, row_of
from incidents.queries.policy import policy_of

# So many of each are in the room; what is older is in the timeline.
MOST = 15
MOST_LINES = 8
PREFIX = "its_"


@dataclass(frozen=True)
class HypothesisRow:
    """One hypothesis with what speaks for it and what is to be tried."""

    hypothesis: Hypothesis
    lines: list[HypothesisLine]

    @property
    def evidence(self) -> list[HypothesisLine]:
        """What was seen."""
        return [line for line in self.lines if line.kind == LineKind.EVIDENCE]

    @property
    def steps(self) -> list[HypothesisLine]:
        """What is to be tried, or was."""
        return [line for line in self.lines if line.kind == LineKind.STEP]

    @property
    def next_statuses(self) -> list[tuple[str, str]]:
        """What may be thought of it next: the word and its label."""
        is_over = self.hypothesis.status in {HypothesisStatus.RULED_OUT, HypothesisStatus.CONFIRMED}
        words = [HypothesisStatus.OPEN] if is_over else [HypothesisStatus.TESTING, *_ENDS]
        return [(str(word), str(word.label)) for word in words if word != self.hypothesis.status]


_ENDS = [HypothesisStatus.RULED_OUT, HypothesisStatus.CONFIRMED]


@dataclass(frozen=True)
class MitigationRow:
    """One mitigation, and whether it is being rolled back."""

    mitigation: Mitigation
    is_undone: bool

    @property
    def answers(self) -> list[tuple[str, str]]:
        """What it may have done, word and label; once that was said, that it got worse, or worked after all."""
        said = self.mitigation.outcome
        other = MitigationOutcome.EFFECTIVE if said == MitigationOutcome.WORSE else MitigationOutcome.WORSE
        return [(word, str(label)) for word, label in MitigationOutcome.choices if not said or word == other]

    @property
    def asks_rollback(self) -> bool:
        """Whether it made things worse and nobody undoes it yet."""
        return self.mitigation.outcome == MitigationOutcome.WORSE and not self.is_undone


@dataclass(frozen=True)
class Work:
    """The small lists of one room."""

    tasks: list[Task]
    hypotheses: list[HypothesisRow]
    decisions: list[Decision]
    mitigations: list[MitigationRow]
    services: list[AffectedService]
    reports: int
    last_report_at: datetime | None
    options: list[MitigationOption]
    symptoms: list[Symptom]
    links: list[LinkTemplate]
    changes: list[Change]

    def looked_at_by(self, due: Mapping[str, datetime]) -> None:
        """Say when decisions and mitigations are looked at again: as `due` says it is owed, else as it was written."""
        rows: list[Any] = [*self.decisions, *(row.mitigation for row in self.mitigations)]
        for row in rows:
            row.looked_at = due.get(row.subject_key, row.check_at)

    @property
    def confirmed(self) -> Hypothesis | None:
        """The cause, when it is known: the hypothesis that was confirmed last."""
        rows = [row.hypothesis for row in self.hypotheses if row.hypothesis.status == HypothesisStatus.CONFIRMED]
        return max(rows, key=lambda row: row.changed_at, default=None)

    def option(self, slug: str) -> MitigationOption | None:
        """The mitigation of the catalogue that is called so."""
        return next((option for option in self.options if option.slug == slug), None)


def with_work(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    """`rows` with everything that `work_of` reads, in their own query."""
    return rows.select_related("level").annotate(**{f"{PREFIX}{name}": rows for name, rows in _lists().items()})


def work_of(incident: Incident) -> Work:
    """The small lists of an incident of `with_work`; asks for no more than its policy, whatever their size."""
    found = {name.removeprefix(PREFIX): rows for name, rows in vars(incident).items() if name.startswith(PREFIX)}
    reports = found["reports"] or {"count": 0, "last": None}
    policy = policy_of(incident).version
    return Work(
        tasks=[row_of(Task, row) for row in found["tasks"]],
        hypotheses=[_hypothesis(dict(row)) for row in found["hypotheses"]],
        decisions=[row_of(Decision, row) for row in found["decisions"]],
        mitigations=[_mitigation(dict(row)) for row in found["mitigations"]],
        services=_services(incident, found["services"]),
        reports=reports["count"],
        last_report_at=CustomerReport._meta.get_field("at").to_python(reports["last"]),
        options=list(policy.mitigations.all()),
        symptoms=list(policy.symptoms.all()),
        links=list(policy.links.all()),
        changes=changes_of(incident, found["deployments"]),
    )


def _lists() -> dict[str, Any]:
    own = OuterRef("pk")
    lines = HypothesisLine.objects.filter(hypothesis=OuterRef("pk")).order_by("-number")[:MOST_LINES]
    undone = Exists(Mitigation.objects.filter(undoes=OuterRef("pk")))
    owner, mitigator, decider = person_of("owner"), person_of("started_by"), person_of("made_by")
    return {
        "tasks": gathered(
            _newest(Task, own, F("ended_at").desc(nulls_first=True)),
            *_TASK,
            owner=owner,
            ended_by=person_of("ended_by"),
        ),
        "hypotheses": gathered(
            _newest(Hypothesis, own), *_HYPOTHESIS, lines=gathered(lines, "number", "kind", "text", "done_at")
        ),
        "decisions": gathered(_newest(Decision, own), *_DECISION, made_by=decider),
        "mitigations": gathered(_newest(Mitigation, own), *_MITIGATION, started_by=mitigator, is_undone=undone),
        "services": gathered(
            AffectedService.objects.filter(incident=own).order_by("service__name")[:MOST],
            *("state", "set_at"),
            service=_service(),
        ),
        "reports": Subquery(
            CustomerReport.objects.filter(incident=own)
            .order_by()
            .values("incident")
            .annotate(found=JSONObject(count=Count("pk"), last=Max("at")))
            .values("found")
        ),
        "deployments": gathered(recent_deployments(), *("version", "deployed_at", "by", "url"), service=_service()),
    }


_TASK = ("number", "text", "due_at", "understood_at", "status", "made_at", "ended_at", "reason")
_HYPOTHESIS = ("number", "text", "status", "confidence", "made_at", "changed_at")
_DECISION = ("number", "text", "risk", "way_back", "expected", "made_at", "check_at", "outcome", "outcome_at")
_MITIGATION = (
    *("number", "name", "command", "way_back", "target", "started_at", "check_at"),
    *("outcome", "outcome_at", "remaining"),
)


def _service() -> JSONObject:
    return JSONObject(id="service__pk", slug="service__slug", name="service__name")


def _newest(model: type[Any], own: OuterRef, *first: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = model.objects.filter(incident=own).order_by(*first, "-number")[:MOST]
    return rows


def _hypothesis(found: dict[str, Any]) -> HypothesisRow:
    lines = [row_of(HypothesisLine, line) for line in reversed(found.pop("lines"))]
    return HypothesisRow(row_of(Hypothesis, found), lines)


def _mitigation(found: dict[str, Any]) -> MitigationRow:
    is_undone = found.pop("is_undone")
    return MitigationRow(row_of(Mitigation, found), is_undone)


def _services(incident: Incident, found: Iterable[dict[str, Any]]) -> list[AffectedService]:
    """The main service first, also when nobody has said how it is: then its state is empty."""
    rows = [row_of(AffectedService, row) for row in found]
    main: Service | None = incident.service
    if main is None:
        return rows
    first = next((row for row in rows if row.service_id == main.pk), AffectedService(service=main, state=""))
    return [first, *(row for row in rows if row.service_id != main.pk)]


def open_tasks(incident: Incident) -> list[Task]:
    """What is still to do, with who does it, in the order it was given; one query."""
    return list(incident.tasks.filter(status=TaskStatus.OPEN).select_related("owner").order_by("number"))
