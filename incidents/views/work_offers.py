"""The panels of what people do about an incident, and of what they know around it."""

from incidents.forms.around import DeploymentForm, ReportForm, ServiceStateForm
from incidents.forms.decision import DecisionForm
from incidents.forms.hypothesis import HypothesisForm, LineForm
from incidents.forms.mitigation import MitigationForm, RemainingForm
from incidents.forms.task import NumberedReasonForm, TaskChangeForm, TaskForm
from incidents.queries.room import Room
from incidents.views.offer import Offer


def _task(room: Room) -> list[str]:
    asked = (
        "They are asked to say that they have understood it." if room.incident.level.version.tasks_understood else ""
    )
    return ["They are told at once. With a moment it is owed by them until then.", asked]


def _task_change(room: Room) -> list[str]:
    return ["What stays empty stays as it is. A new owner is told, and so is the former one."]


def _decision(room: Room) -> list[str]:
    return ["With a moment to look again you are asked then: did it work?"]


def _mitigation(room: Room) -> list[str]:
    return [
        "Muster runs nothing: the command is shown to copy, each value quoted for the shell.",
        "When it is time to look, you are asked whether it worked.",
    ]


WORK_OFFERS: dict[str, Offer] = {
    "task": Offer("Give a task", TaskForm, "task-give", "Give the task", _task),
    "task-change": Offer("Extend it, or pass it on", TaskChangeForm, "task-change", "Change the task", _task_change),
    "task-drop": Offer(
        "Drop the task",
        NumberedReasonForm,
        "task-drop",
        "Drop it",
        lambda room: ["Nobody owes it any more; whoever had it is told."],
    ),
    "hypothesis": Offer(
        "Hypothesis",
        HypothesisForm,
        "hypothesis-add",
        "Put it forward",
        lambda room: ["It stands in the room for all."],
    ),
    "line": Offer("Evidence, or a step", LineForm, "line-add", "Add it", lambda room: []),
    "decision": Offer("Decision", DecisionForm, "decision-make", "Write it down", _decision),
    "mitigation": Offer("Mitigation", MitigationForm, "mitigation-start", "I do it now", _mitigation),
    "remaining": Offer("What is left", RemainingForm, "remaining-note", "Write it down", lambda room: []),
    "services": Offer("How a service is", ServiceStateForm, "service-state", "Save", lambda room: ["Rings nobody."]),
    "deployment": Offer(
        "Deployment",
        DeploymentForm,
        "deployment-note",
        "Write it down",
        lambda room: [
            "CI can post them: POST /api/v1/deployments.",
            "Every room of the service lists it." if room.is_private else "",
        ],
    ),
    "report": Offer(
        "A customer reports it", ReportForm, "report-note", "One more", lambda room: ["Counts one customer."]
    ),
}
