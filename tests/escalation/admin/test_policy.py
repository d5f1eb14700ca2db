"""A policy in the admin: steps in order, targets of each step, and who would be told."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from escalation.models import Policy, PolicyStep, Service, StepTarget
from tests.factories import NOW
from tests.factories.accounts import TeamFactory, UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import (
    BusinessHoursFactory,
    PolicyFactory,
    PolicyStepFactory,
    make_policy,
    make_schedule,
)

pytestmark = pytest.mark.django_db
ALWAYS = {"hours_rule": "inside", "if_not_met": "pass_over"}
"""What the choices of a step say that nobody has touched."""


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
    ana, ben, manager, founder = (ReachableUserFactory(handle=handle) for handle in ("ana", "ben", "em", "founder"))
    primary = make_schedule(ana, ben, name="Primary")
    steps = rows("steps", *({"position": position, "wait_seconds": 300} for position in range(3)))
    posted = {"slug": "chain", "name": "Chain", "repeats": 0, "answers_needed": 1, "last_resort": founder.pk, **steps}
    assert admin.post(reverse("admin:escalation_policy_add"), posted).status_code == 302
    policy = Policy.objects.get()

    targets: list[dict[str, Any]] = [
        {"kind": "on_call", "schedule": primary.pk, "turn": 0},
        {"kind": "on_call", "schedule": primary.pk, "turn": 1},
        {"kind": "person", "user": manager.pk, "turn": 0},
    ]
    for step, target in zip(policy.steps.all(), targets, strict=True):
        address = reverse("admin:escalation_policystep_change", args=[step.pk])
        wanted = {"position": step.position, "wait_seconds": 300, **ALWAYS, **rows("targets", target)}
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

    response = admin.post(address, {"position": 0, **ALWAYS, **rows("targets", {"turn": 0, **target})})

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert "Constraint" not in response.content.decode()
    assert StepTarget.objects.count() == 0


def test_a_step_is_taken_out_with_its_targets_and_pages_keep_theirs(admin: Client) -> None:
    policy = make_policy(UserFactory(), UserFactory())
    first, second = policy.steps.all()
    kept = {"id": first.pk, "policy": policy.pk, "position": 0}
    gone = {"id": second.pk, "policy": policy.pk, "position": 1, "DELETE": "on"}
    posted = {"slug": policy.slug, "name": policy.name, "repeats": 2, "answers_needed": 1, **rows("steps", kept, gone)}

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


def make_in_admin(admin: Client, slug: str, steps: list[dict[str, Any]], **fields: Any) -> Policy:
    """A policy typed into the admin's forms: `steps` are fields of a step, and its `targets`."""
    waits = [{"position": position, "wait_seconds": step["wait_seconds"]} for position, step in enumerate(steps)]
    posted = {"slug": slug, "name": slug, "repeats": 0, "answers_needed": 1, **fields, **rows("steps", *waits)}
    assert admin.post(reverse("admin:escalation_policy_add"), posted).status_code == 302
    policy = Policy.objects.get(slug=slug)
    for row, step in zip(policy.steps.all(), steps, strict=True):
        targets = [{"turn": 0, **target} for target in step["targets"]]
        wanted = {"position": row.position, **ALWAYS, **step, **rows("targets", *targets)}
        del wanted["targets"]
        response = admin.post(reverse("admin:escalation_policystep_change", args=[row.pk]), wanted)
        assert response.status_code == 302, response.content.decode()
    return policy


def would_be_told(admin: Client, policy: Policy) -> dict[str, list[str]]:
    """{heading: lines} of the preview on the policy's page; one heading without words where levels do not matter."""
    shown = admin.get(reverse("admin:escalation_policy_change", args=[policy.pk])).content.decode()
    found = re.findall(r"(?:<p>(At a level of rank \d+):</p>)?<ol>(.*?)</ol>", shown, re.S)
    return {heading: re.findall(r"<li>(.*?)</li>", lines) for heading, lines in found}


def on_call(name: str) -> Any:
    """A schedule with one person in it, `name`."""
    return make_schedule(ReachableUserFactory(handle=name), name=name.capitalize())


def test_the_unbroken_chain_over_time_zones_is_expressible_in_the_admin_alone(admin: Client) -> None:
    """Five minutes, the next in the rotation, five minutes, the manager on call, then the founder on call."""
    ana, ben = ReachableUserFactory(handle="ana"), ReachableUserFactory(handle="ben")
    rotation = make_schedule(ben, ana, name="Platform")  # ana is on call at NOW, ben comes next
    manager, founder = on_call("em"), on_call("founder")
    schedules = [(rotation, 0), (rotation, 1), (manager, 0), (founder, 0)]
    steps = [
        {"wait_seconds": 300, "targets": [{"kind": "on_call", "schedule": schedule.pk, "turn": turn}]}
        for schedule, turn in schedules
    ]

    with time_machine.travel(NOW, tick=False):
        policy = make_in_admin(admin, "chain", steps, rings_until_answered="on")
        (lines,) = would_be_told(admin, policy).values()

    assert lines[:6] == [
        "0:00 @ana: rung (on call in Platform)",
        "5:00 @ben: rung (next on call in Platform)",
        "10:00 @em: rung (on call in Em)",
        "15:00 @founder: rung (on call in Founder)",
        "20:00 nobody (last resort: the policy names none)",
        "25:00 @ana: rung (on call in Platform)",
    ]


def test_level_rules_from_leadership_to_any_engineer_are_expressible_in_the_admin_alone(admin: Client) -> None:
    """Ranks 0 to 4: everybody at the worst, leadership at the two worst, the engineer on call, nobody pages at 4."""
    lead, executive = on_call("lead"), on_call("executive")
    engineers = ReachableUserFactory(handle="next"), ReachableUserFactory(handle="oncall")
    oncall = make_schedule(*engineers, name="Oncall")
    team = TeamFactory(name="All hands", members=[ReachableUserFactory(handle="hand")])
    steps = [
        {
            "wait_seconds": 0,
            "mildest_rank": 0,
            "targets": [
                {"kind": "on_call", "schedule": lead.pk},
                {"kind": "on_call", "schedule": executive.pk},
                {"kind": "team", "team": team.pk},
            ],
        },
        {
            "wait_seconds": 0,
            "worst_rank": 1,
            "mildest_rank": 1,
            "targets": [{"kind": "on_call", "schedule": lead.pk}],
        },
        {"wait_seconds": 120, "mildest_rank": 3, "targets": [{"kind": "on_call", "schedule": oncall.pk}]},
        {
            "wait_seconds": 120,
            "worst_rank": 2,
            "mildest_rank": 3,
            "targets": [{"kind": "on_call", "schedule": oncall.pk, "turn": 1}],
        },
    ]

    with time_machine.travel(NOW, tick=False):
        told = would_be_told(admin, make_in_admin(admin, "levels", steps))

    rung = {heading: [line for line in lines if ": rung (" in line] for heading, lines in told.items()}
    call = "0:00 @oncall: rung (on call in Oncall)"
    assert rung == {
        "At a level of rank 0": [
            "0:00 @lead: rung (on call in Lead)",
            "0:00 @executive: rung (on call in Executive)",
            "0:00 @hand: rung (in the team All hands)",
            call,
        ],
        "At a level of rank 1": ["0:00 @lead: rung (on call in Lead)", call],
        "At a level of rank 2": [call, "2:00 @next: rung (next on call in Oncall)"],
        "At a level of rank 4": [],
    }
    gone_over = "step 1: gone over (only at levels of rank 0 or worse)"
    assert told["At a level of rank 4"][0] == f"0:00 {gone_over}"


def test_response_teams_by_level_and_hours_are_expressible_in_the_admin_alone(admin: Client) -> None:
    """P0 and P1: infrastructure commands and its helpers join; P2 only in office hours, else the morning after."""
    infra, devops, support = on_call("infra"), on_call("devops"), on_call("support")
    desk = BusinessHoursFactory(name="Office hours")
    steps = [
        {
            "wait_seconds": 300,
            "mildest_rank": 0,
            "answers_needed": 2,
            "targets": [{"kind": "on_call", "schedule": one.pk} for one in (infra, devops, support)],
        },
        {
            "wait_seconds": 300,
            "worst_rank": 1,
            "mildest_rank": 1,
            "targets": [{"kind": "on_call", "schedule": one.pk} for one in (infra, devops)],
        },
        {
            "wait_seconds": 3600,
            "worst_rank": 2,
            "hours": desk.pk,
            "if_not_met": "wait",
            "targets": [{"kind": "on_call", "schedule": support.pk}],
        },
    ]
    saturday = datetime(2026, 4, 18, 12, tzinfo=UTC)
    monday = datetime(2026, 4, 20, 9, tzinfo=UTC)

    with time_machine.travel(saturday, tick=False):
        policy = make_in_admin(admin, "teams", steps)
        weekend = would_be_told(admin, policy)
    with time_machine.travel(monday, tick=False):
        working = would_be_told(admin, policy)

    assert [line.split()[1] for line in weekend["At a level of rank 0"][:3]] == ["@infra:", "@devops:", "@support:"]
    assert [line.split()[1] for line in weekend["At a level of rank 1"] if "rung" in line] == ["@infra:", "@devops:"]
    assert weekend["At a level of rank 2"][2:] == [
        "0:00 step 3: waits for its condition (only inside Office hours)",
    ]
    assert working["At a level of rank 2"][2] == "0:00 @support: rung (on call in Support)"
    assert policy.steps.get(position=0).answers_needed == 2


def test_a_condition_that_cannot_hold_is_refused_in_a_sentence(admin: Client) -> None:
    step = PolicyStepFactory()
    address = reverse("admin:escalation_policystep_change", args=[step.pk])
    none = rows("targets")

    ranks = admin.post(address, {"position": 0, **ALWAYS, "worst_rank": 3, "mildest_rank": 1, **none})
    count = admin.post(address, {"position": 0, **ALWAYS, "more_than": 3, **none})

    assert "No level is milder than the first rank and worse than the second." in ranks.content.decode()
    assert "Say both: more than how many times, and within how many seconds." in count.content.decode()
    step.refresh_from_db()
    assert (step.worst_rank, step.more_than) == (None, None)


def test_what_is_wrong_with_a_policy_stands_beside_it(admin: Client) -> None:
    sound = make_policy(ReachableUserFactory(), last_resort=ReachableUserFactory())
    torn = make_policy(UserFactory(handle="mute"), last_resort=ReachableUserFactory())

    shown = [
        admin.get(reverse("admin:escalation_policy_change", args=[policy.pk])).content.decode()
        for policy in (sound, torn)
    ]

    sentence = "Cannot be reached: Step 1 cannot reach @mute: no contact point that is switched on."
    assert [sentence in one for one in shown] == [False, True]
