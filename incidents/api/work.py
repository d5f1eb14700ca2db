"""What is done about an incident, as an incident shows it to machines: tasks, hypotheses, decisions, mitigations."""

from typing import Any

from incidents.api.decision import DecisionShown
from incidents.api.door import plain
from incidents.api.hypothesis import hypothesis_shown
from incidents.api.mitigation import MitigationShown
from incidents.api.task import task_shown
from incidents.queries.work import Work


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
