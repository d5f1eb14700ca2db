"""A policy in the admin: steps in order, targets of each step, and who would be told."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from escalation.models import Policy, PolicyStep, Service, StepTarget
from tests.factories.accounts import UserFactory
from tests.factories.escalation import PolicyFactory, PolicyStepFactory, make_policy, make_schedule

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(UserFactory(admin=True))
    return client


def rows(prefix: str, *wanted: dict[str, Any]) -> dict[str, Any]:
    posted: dict[str, Any] = {
        f"{prefix}-TOTAL_FORMS": len(wanted),
        f"{prefix}-INITIAL_FORMS": sum("id" in row for row in wanted),
    }
    for number, row in enumerate(wanted):
        posted |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return posted


def test_the_chain_of_five_is_made_in_the_admin_and_says_who_would_be_told(admin: Client) -> None:
    ana, ben, manager, founder = (UserFactory(handle=handle) for handle in ("ana", "ben", "em", "founder"))
    primary = make_schedule(ana, ben, name="Primary")
    steps = rows("steps", *({"position": position, "wait_seconds": 300} for position in range(3)))
    posted = {"slug": "chain", "name": "Chain", "repeats": 0, "last_resort": founder.pk, **steps}
    assert admin.post(reverse("admin:escalation_policy_add"), posted).status_code == 302
    policy = Policy.objects.get()

    targets: list[dict[str, Any]] = [
        {"kind": "on_call", "schedule": primary.pk, "turn": 0},
        {"kind": "on_call", "schedule": primary.pk, "turn": 1},
        {"kind": "person", "user": manager.pk, "turn": 0},
    ]
    for step, target in zip(policy.steps.all(), targets, strict=True):
        address = reverse("admin:escalation_policystep_change", args=[step.pk])
        wanted = {"position": step.position, "wait_seconds": 300, **rows("targets", target)}
        response = admin.post(address, wanted)
        assert response["Location"] == reverse("admin:escalation_policy_change", args=[policy.pk])

    shown = admin.get(reverse("admin:escalation_policy_change", args=[policy.pk])).content.decode()
    told = [line.partition("</li>")[0] for line in shown.partition("<ol>")[2].split("<li>")[1:]]
    on_call = sorted(words.partition(" ")[2].partition(":")[0] for words in told[:2])
    assert on_call == ["@ana", "@ben"]
    assert [words.partition(" ")[0] for words in told] == ["0:00", "5:00", "10:00", "15:00"]
    assert told[2:] == ["10:00 @em: rung (named in the step)", "15:00 @founder: rung (last resort)"]


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ({"kind": "person"}, "Say which person."),
        ({"kind": "on_call"}, "Say in which schedule."),
        ({"kind": "role"}, "Say which role of the incident, by its slug."),
        ({"kind": "webhook"}, "Write the address of the webhook."),
        ({"kind": "role", "role": "scribe", "url": "https://example.org"}, "does not name this."),
    ],
)
def test_a_target_that_names_the_wrong_thing_is_refused_in_a_sentence(
    admin: Client, target: dict[str, Any], sentence: str
) -> None:
    step = PolicyStepFactory()
    address = reverse("admin:escalation_policystep_change", args=[step.pk])

    response = admin.post(address, {"position": 0, **rows("targets", {"turn": 0, **target})})

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert "Constraint" not in response.content.decode()
    assert StepTarget.objects.count() == 0


def test_a_step_is_taken_out_with_its_targets_and_pages_keep_theirs(admin: Client) -> None:
    policy = make_policy(UserFactory(), UserFactory())
    first, second = policy.steps.all()
    kept = {"id": first.pk, "policy": policy.pk, "position": 0}
    gone = {"id": second.pk, "policy": policy.pk, "position": 1, "DELETE": "on"}
    posted = {"slug": policy.slug, "name": policy.name, "repeats": 2, **rows("steps", kept, gone)}

    response = admin.post(reverse("admin:escalation_policy_change", args=[policy.pk]), posted)

    assert response.status_code == 302, response.content.decode()
    policy.refresh_from_db()
    assert (policy.repeats, list(policy.steps.all())) == (2, [first])
    assert StepTarget.objects.count() == 1


def test_a_service_is_made_with_its_policy(admin: Client) -> None:
    policy = PolicyFactory()

    posted = {"slug": "pipeline", "name": "Pipeline", "policy": policy.pk, "is_active": "on"}
    admin.post(reverse("admin:escalation_service_add"), posted)

    assert Service.objects.get(slug="pipeline").policy == policy
    assert PolicyStep.objects.count() == 0
