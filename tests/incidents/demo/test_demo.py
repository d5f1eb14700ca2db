"""`manage.py demo`: an organisation that can be paged, and one story behind it; a second run changes nothing."""

import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db.models import Model

from accounts.enums import AccessLevel, Via
from accounts.models import User
from comms.models import ContactRule, Message, ReachProof
from escalation.enums import LintKind
from escalation.models import MaintenanceWindow, Page, PageAnswer, Policy, Schedule
from escalation.plan import condition_words
from escalation.queries.lint import findings_of
from escalation.queries.oncall import on_call_now
from escalation.queries.policy import condition_of
from incidents.actions.demo.story import day_of_story
from incidents.enums import (
    CheckOutcome,
    EntryKind,
    FlagAsked,
    HypothesisStatus,
    IncidentStatus,
    MitigationOutcome,
    PromiseKind,
    ServiceState,
    TaskStatus,
)
from incidents.models import Deployment, Incident, Ladder, Promise
from postmortems.enums import PostmortemStatus
from postmortems.models import Postmortem
from tests.factories.accounts import UserFactory
from tests.factories.incidents import IncidentFactory, make_ladder
from tests.factories.ladder import FlagFactory

pytestmark = pytest.mark.django_db

# A Friday noon in Berlin.
NOW = datetime(2026, 4, 17, 10, 0, tzinfo=UTC)
OWN_APPS = ("accounts", "comms", "escalation", "incidents", "postmortems")


@pytest.fixture(autouse=True)
def mail_folder(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Mail lands in files, as with `make run`; no password is wished for."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    monkeypatch.delenv("MUSTER_DEMO_PASSWORD", raising=False)
    return tmp_path


@pytest.fixture
def no_story() -> None:
    """Where there is an incident already, none is told: quicker, for tests that ask for other things."""
    IncidentFactory()


def demo(now: datetime = NOW) -> str:
    out = StringIO()
    with time_machine.travel(now, tick=False):
        call_command("demo", stdout=out)
    return out.getvalue()


def everything() -> dict[str, list[Any]]:
    """Every row of our own apps."""
    models: list[type[Model]] = [model for app in OWN_APPS for model in apps.get_app_config(app).get_models()]
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def test_a_second_run_changes_nothing() -> None:
    demo()
    before = everything()

    assert demo(NOW + timedelta(days=3)) == "The demo organisation is there already.\n"

    assert everything() == before


def test_everybody_signs_in_with_the_password_that_is_printed(no_story: None) -> None:
    out = demo()

    match = re.search(r"with the password (\S+) as one of: ana, jens, tomas, mira, liv, noor\.", out)
    assert match
    people = list(User.objects.filter(email__endswith="@muster.example").order_by("handle"))
    assert [(user.handle, user.access) for user in people] == [
        ("ana", AccessLevel.ADMIN),
        ("jens", AccessLevel.RESPONDER),
        ("liv", AccessLevel.RESPONDER),
        ("mira", AccessLevel.RESPONDER),
        ("noor", AccessLevel.VIEWER),
        ("tomas", AccessLevel.RESPONDER),
    ]
    assert [user.handle for user in people if not user.check_password(match[1])] == []
    assert len(match[1]) >= 12


def test_a_password_stays_unless_one_is_wished_for(no_story: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_DEMO_PASSWORD", "one")
    demo()
    jens = User.objects.get(handle="jens")
    assert jens.check_password("one")

    monkeypatch.delenv("MUSTER_DEMO_PASSWORD")
    demo()
    assert User.objects.get(handle="jens").password == jens.password

    monkeypatch.setenv("MUSTER_DEMO_PASSWORD", "two")
    assert "with the password two as one of: ana, jens" in demo()
    assert User.objects.get(handle="jens").check_password("two")


def test_a_real_person_of_the_same_handle_is_left_alone(no_story: None, monkeypatch: pytest.MonkeyPatch) -> None:
    real = UserFactory(handle="ana", email="ana@real.test", access=AccessLevel.VIEWER, time_zone="Asia/Tokyo")
    real.set_password("her own")
    real.save()
    monkeypatch.setenv("MUSTER_DEMO_PASSWORD", "wished")

    demo()

    ana = User.objects.get(handle="ana")
    assert (ana.email, ana.access, ana.time_zone) == ("ana@real.test", AccessLevel.VIEWER, "Asia/Tokyo")
    assert ana.check_password("her own")
    assert User.objects.get(handle="jens").check_password("wished")


def test_somebody_is_on_call_everywhere_in_the_zones_of_their_rotations(no_story: None) -> None:
    demo()

    zones = {schedule.slug: schedule.time_zone for schedule in Schedule.objects.all()}
    assert zones == {
        "platform": "Europe/Berlin",
        "engineering-manager": "Europe/Lisbon",
        "founder": "America/Los_Angeles",
        "support": "Europe/Berlin",
    }
    for weeks in range(5):
        at = NOW + timedelta(weeks=weeks)
        names = {
            schedule.slug: [user.handle for user in on_call_now(schedule, at)] for schedule in Schedule.objects.all()
        }
        assert names == {
            "platform": [("jens", "tomas", "mira")[weeks % 3]],
            "engineering-manager": [("ana", "tomas")[weeks % 2]],
            "founder": ["liv"],
            "support": [("mira", "jens")[weeks % 2]],
        }
    support = Schedule.objects.get(slug="support")
    hours = [on_call_now(support, NOW.replace(hour=hour))[0].handle for hour in (0, 7, 15, 16, 23)]
    assert hours == ["tomas", "mira", "mira", "liv", "liv"]  # Europe from 07:00, America from 16:00 UTC
    assert [on_call_now(support, NOW + timedelta(days=day))[0].handle for day in (1, 2)] == ["tomas", "tomas"]


def test_a_page_rings_the_primary_then_the_next_then_the_engineering_manager(no_story: None) -> None:
    demo()
    policy = Policy.objects.get(slug="platform-primary")
    rung = [(str(target.schedule), target.turn) for step in policy.steps.all() for target in step.targets.all()]
    assert rung == [("Platform", 0), ("Platform", 1), ("Engineering manager", 0)]
    assert policy.last_resort == User.objects.get(handle="liv")


def test_nothing_is_wrong_with_its_policies_but_an_address_that_is_not_proved_and_a_step_has_a_condition(
    no_story: None,
) -> None:
    demo()
    found = {policy.slug: [one.kind for one in findings_of(policy, NOW)] for policy in Policy.objects.all()}
    conditions = [
        condition_words(condition_of(step)) for step in Policy.objects.get(slug="engineering-manager").steps.all()
    ]

    assert {kind for kinds in found.values() for kind in kinds} == {LintKind.NO_CONTACT}
    assert conditions == ["", "only at levels of rank 1 or worse"]


def test_maintenance_is_planned_for_tomorrow_evening(no_story: None) -> None:
    demo()
    window = MaintenanceWindow.objects.get()

    assert [service.slug for service in window.services.all()] == ["reporting"]
    assert (window.starts_at, window.ends_at) == (
        datetime(2026, 4, 18, 19, 0, tzinfo=UTC),
        datetime(2026, 4, 18, 21, 0, tzinfo=UTC),
    )


def test_jens_has_an_order_of_his_own_has_proved_it_and_answers_by_mail() -> None:
    demo()
    jens = User.objects.get(handle="jens")

    rules = ContactRule.objects.filter(contact_point__user=jens).order_by("after_seconds")
    assert [(rule.contact_point.address, rule.after_seconds) for rule in rules] == [
        ("jens@muster.example", 0),
        ("jens.at.home@muster.example", 60),
        ("jens@muster.example", 180),
    ]
    proofs = ReachProof.objects.filter(contact_point__user=jens).order_by("confirmed_at")
    assert [f"{proof.confirmed_at:%d %H:%M:%S}" for proof in proofs if proof.handed_over_at] == [
        "16 07:12:40",
        "16 07:13:25",
    ]
    assert [(answer.user, answer.via) for answer in PageAnswer.objects.all()] == [(jens, Via.EMAIL)]


def test_the_policy_that_is_applied_misses_nothing(no_story: None) -> None:
    demo()
    err = StringIO()
    call_command("policy", "plan", "pager", stdout=StringIO(), stderr=err)
    assert err.getvalue() == ""
    assert Ladder.objects.get(is_default=True).slug == "pager"


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 4, 17, 8, 22, tzinfo=UTC), 15),
        (datetime(2026, 4, 17, 8, 23, tzinfo=UTC), 16),
        (datetime(2026, 4, 18, 8, 22, tzinfo=UTC), 16),
        (datetime(2026, 1, 2, 9, 23, tzinfo=UTC), 1),
    ],
)
def test_the_story_began_at_1423_in_berlin_twenty_hours_ago_or_more(now: datetime, day: int) -> None:
    assert day_of_story(now).day == day


def test_the_story_is_told_whole_by_the_real_actions(mail_folder: Path) -> None:
    demo()

    incident = Incident.objects.get()
    day = incident.declared_at.date()
    assert incident.summary == "Pipeline blocks spiking"
    assert (incident.status, incident.level.name) == (IncidentStatus.CLOSED, "SEV2")
    times = [
        incident.impact_began_at,
        incident.declared_at,
        incident.mitigated_at,
        incident.resolved_at,
        incident.closed_at,
    ]
    assert [f"{moment:%H:%M}" for moment in times if moment] == ["12:15", "12:23", "12:44", "12:50", "13:21"]
    assert all(moment and moment.date() == day for moment in times)
    page = Page.objects.get()
    assert page.acknowledged_by == User.objects.get(handle="jens")
    commanders = incident.role_assignments.filter(kind="commander").order_by("began_at")
    assert [str(row.user) for row in commanders] == ["@jens", "@tomas"]
    texts = [entry.text for entry in incident.entries.filter(kind=EntryKind.NOTE).order_by("happened_at")]
    assert texts == [
        "Block rate spike begins (per Grafana)",
        "Identified a regression in detect_injection (commit abc123)",
        "Hotfix PR merged, deploy to prod in flight",
        "Block rate is falling: 18 % → 4 %",
    ]
    found = incident.hypotheses.get()
    assert (found.status, found.confidence) == (HypothesisStatus.CONFIRMED, 70)
    assert [row.outcome for row in incident.mitigations.all()] == [MitigationOutcome.EFFECTIVE]
    assert [row.status for row in incident.tasks.all()] == [TaskStatus.DONE]
    assert incident.decisions.get().way_back == "Roll back to 4.17.3"
    assert incident.customer_reports.count() == 1
    assert [row.state for row in incident.affected_services.all()] == [ServiceState.OK]
    assert Deployment.objects.get().version == "4.18.0"
    assert incident.status_updates.count() == 2
    updates = Promise.objects.filter(incident=incident, kind=PromiseKind.STATUS_UPDATE, kept_at__isnull=False)
    assert updates.count() == 2
    assert Promise.objects.filter(incident=incident, broken_at__isnull=False).count() == 0
    postmortem = Postmortem.objects.get()
    assert (postmortem.incident, postmortem.status) == (incident, PostmortemStatus.DRAFT)
    owed = Promise.objects.open().order_by("kind")
    assert [row.kind for row in owed] == [PromiseKind.ACTION_ITEM, PromiseKind.POSTMORTEM]
    assert all(row.due_at > NOW for row in owed)
    assert Message.objects.unsent().count() == 0
    assert len(list(mail_folder.iterdir())) > 0


def test_the_story_shows_a_runbook_with_its_checklist_flags_and_a_handover() -> None:
    demo()

    incident = Incident.objects.get()
    assert [row.runbook.name for row in incident.runbooks.all()] == ["The pipeline blocks good requests"]
    items = incident.checklist.filter(action__isnull=False).order_by("number")
    assert [row.outcome for row in items] == [CheckOutcome.PASSED, CheckOutcome.PASSED, CheckOutcome.OPEN]
    flags = incident.flags.order_by("pk")
    assert [(row.flag, row.raised_at is not None) for row in flags] == [("data-at-risk", False), ("new-failure", True)]
    handover = incident.handovers.get()
    assert (str(handover.from_user), str(handover.to_user), bool(handover.brief)) == ("@jens", "@tomas", True)
    item = Postmortem.objects.get().action_items.get()
    assert (item.text, str(item.owner)) == ("Update the runbook: The pipeline blocks good requests", "@tomas")


def test_the_story_is_told_under_a_policy_that_asks_other_things() -> None:
    version = make_ladder()
    FlagFactory(version=version, slug="undone", question="Was nothing done?", asked=FlagAsked.AFTER)

    demo()

    incident = Incident.objects.get()
    assert (incident.status, incident.flags.get().raised_at) == (IncidentStatus.CLOSED, None)


def test_where_incidents_are_there_is_no_story() -> None:
    IncidentFactory()
    out = demo()
    assert "is behind them" not in out
    assert Incident.objects.count() == 1
