"""Deployments posted by CI, and what the API shows of the work on an incident."""

import pytest

from incidents.models import Deployment
from tests.api import Machine
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import ServiceFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.working import (
    CustomerReportFactory,
    DecisionFactory,
    HypothesisFactory,
    HypothesisLineFactory,
    MitigationFactory,
    TaskFactory,
)

pytestmark = pytest.mark.django_db
ASKED = {
    "service": "api",
    "version": "2.3",
    "deployed_at": "2026-04-18T14:03:00+02:00",
    "by": "Jens",
    "url": "https://ci.example.com/7",
    "source": "ci",
    "id": "7",
}


def test_ci_posts_a_deployment_once_however_often_it_sends_it(ana):
    incident = IncidentFactory(service=ServiceFactory(slug="api"))
    machine = Machine(ana)

    first = machine.post("/deployments", ASKED)
    again = machine.post("/deployments", {**ASKED, "version": "2.4"})

    shown = {**ASKED, "deployed_at": "2026-04-18T12:03:00Z"}
    assert (first, again) == ((201, shown), (200, shown))
    assert Deployment.objects.count() == 1
    entry = incident.entries.get()
    assert (entry.text, entry.via) == ("Deployed api 2.3 at 12:03 UTC by Jens", "api")


def test_the_least_that_ci_may_say_is_the_service_and_the_version(ana):
    ServiceFactory(slug="api")

    status, shown = Machine(ana).post("/deployments", {"service": "api", "version": "2.3"})

    assert (status, shown["deployed_at"]) == (201, "2026-04-18T12:23:00Z")


@pytest.mark.parametrize(
    ("asked", "detail", "field"),
    [
        ({"service": "nope"}, "There is no service called “nope”.", "service"),
        ({"version": ""}, "Say which version was deployed.", "version"),
        ({"deployed_at": "2026-04-18T15:00:00+02:00"}, "13:00 UTC has not come yet.", "deployed_at"),
        ({"url": "javascript:alert(1)"}, "Enter a valid URL.", "url"),
    ],
)
def test_a_deployment_that_makes_no_sense_is_refused(ana, asked, detail, field):
    ServiceFactory(slug="api")

    answer = Machine(ana).post("/deployments", {**ASKED, **asked})

    assert answer == (422, {"detail": detail, "field": field})
    assert Deployment.objects.count() == 0


def test_a_key_that_reads_and_a_viewer_post_none(ana):
    ServiceFactory(slug="api")

    assert Machine(ana, "read").post("/deployments", ASKED)[0] == 403
    assert Machine(UserFactory(viewer=True)).post("/deployments", ASKED)[0] == 403
    assert Deployment.objects.count() == 0


def test_an_incident_is_shown_with_the_work_on_it(ana):
    incident = IncidentFactory(service=ServiceFactory(slug="api"))
    TaskFactory(incident=incident, number=1, owner=ana)
    HypothesisLineFactory(hypothesis=HypothesisFactory(incident=incident, number=1, confidence=40), text="seen")
    DecisionFactory(incident=incident, number=1)
    MitigationFactory(incident=incident, number=1, outcome="worse", outcome_at=NOW)
    CustomerReportFactory.create_batch(2, incident=incident)

    status, shown = Machine(ana, "read").get(f"/incidents/{incident.reference}")

    assert status == 200
    names = ("services", "reports", "tasks", "hypotheses", "decisions", "mitigations")
    assert {name: shown[name] for name in names} == {
        "services": {"api": ""},
        "reports": 2,
        "tasks": [
            {
                "number": 1,
                "text": "Roll back to 1.4",
                "owner": "ana",
                "status": "open",
                "due_at": None,
                "understood_at": None,
            }
        ],
        "hypotheses": [
            {
                "number": 1,
                "text": "The new detector blocks ordinary requests",
                "status": "open",
                "confidence": 40,
                "evidence": ["seen"],
                "steps": [],
            }
        ],
        "decisions": [
            {
                "number": 1,
                "text": "Fail over to the replica",
                "made_at": "2026-04-18T12:23:00Z",
                "check_at": None,
                "outcome": "",
            }
        ],
        "mitigations": [
            {
                "number": 1,
                "name": "Roll back",
                "command": "helm rollback api 4",
                "way_back": "",
                "target": "",
                "started_at": "2026-04-18T12:23:00Z",
                "check_at": None,
                "outcome": "worse",
                "remaining": "",
            }
        ],
    }
