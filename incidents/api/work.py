"""What is done about an incident, as an incident shows it to machines: tasks, hypotheses, decisions, mitigations."""

from datetime import datetime
from typing import Any

from ninja import Schema

from incidents.api.door import plain
from incidents.queries.work import Work


class TaskShown(Schema):
    """Something that somebody was asked to do."""

    number: int
    text: str
    owner: str
    status: str
    due_at: datetime | None
    understood_at: datetime | None


class HypothesisShown(Schema):
    """What may be behind it; `confidence` in percent."""

    number: int
    text: str
    status: str
    confidence: int | None
    evidence: list[str]


class DecisionShown(Schema):
    """What was decided, and whether it worked: `worked`, `failed`, or not known yet."""

    number: int
    text: str
    made_at: datetime
    check_at: datetime | None
    outcome: str


class MitigationShown(Schema):
    """What was done about it, and what became of it: `effective`, `partial`, `none`, `worse`, or not known yet."""

    number: int
    name: str
    command: str
    started_at: datetime
    outcome: str
    remaining: str


def work_shown(work: Work) -> dict[str, Any]:
    """What is done about it, as the schemas name it."""
    return {
        "services": {row.service.slug: row.state for row in work.services},
        "reports": work.reports,
        "tasks": [{**plain(TaskShown, row), "owner": row.owner.handle} for row in work.tasks],
        "hypotheses": [
            {**plain(HypothesisShown, row.hypothesis), "evidence": [line.text for line in row.evidence]}
            for row in work.hypotheses
        ],
        "decisions": [plain(DecisionShown, row) for row in work.decisions],
        "mitigations": [plain(MitigationShown, row.mitigation) for row in work.mitigations],
    }
