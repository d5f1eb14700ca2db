"""What is done about an incident, as an incident shows it to machines: tasks, hypotheses, decisions, mitigations."""

from datetime import datetime
from typing import Any

from ninja import Schema

from incidents.api.decision import DecisionShown
from incidents.api.door import plain
from incidents.api.hypothesis import hypothesis_shown
from incidents.api.task import task_shown
from incidents.queries.work import Work


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
        "tasks": [task_shown(row) for row in work.tasks],
        "hypotheses": [hypothesis_shown(row) for row in work.hypotheses],
        "decisions": [plain(DecisionShown, row) for row in work.decisions],
        "mitigations": [plain(MitigationShown, row.mitigation) for row in work.mitigations],
    }
