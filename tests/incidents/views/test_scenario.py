"""Scenarios in the browser: flags, the matrix, runbooks, privacy and drills, with HTMX and without."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import AudienceMember, User
from incidents.enums import FlagAsked, PromiseKind
from incidents.models import Incident, IncidentRunbook, LadderVersion
from incidents.queries.room import room
from tests.factories import NOW
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_policy
from tests.factories.incidents import IncidentFactory, RoleAssignmentFactory, level_of, make_ladder
from tests.factories.ladder import CriticalDecisionFactory, FlagFactory, QuickActionFactory, RunbookFactory
from tests.factories.scenario import IncidentEscalationFactory
from tests.factories.working import AffectedServiceFactory
from tests.incidents.views.room import texts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_minute_later(time_machine):
    time_machine.move_to(NOW + timedelta(minutes=1), tick=False)


@pytest.fixture
def ana() -> User:
    return ReachableUserFactory(handle="ana", time_zone="Europe/Berlin")


@pytest.fixture
def ladder(ana) -> LadderVersion:
    """A breach, which makes private and rings legal, pinned nowhere; a database that is pinned at SEV2."""
    version = make_ladder(ana)
    make_policy(ReachableUserFactory(handle="lea"), slug="legal", name="Legal")
    FlagFactory(
        version=version, slug="breach", name="Breach suspected", question="Is data at risk?", makes_private=True
    )
    RunbookFactory(version=version, slug="breach", name="A breach", level="SEV1", flag="breach", pages=["legal"])
    database = RunbookFactory(
        version=version, slug="database", name="The database fails", levels=["SEV2"], customers="Work waits."
    )
    QuickActionFactory(runbook=database, text="Look for long queries", command="SELECT 1")
    CriticalDecisionFactory(runbook=database, text="Fail over, or not", escalate_policy="primary")
    return version


@pytest.fixture
def incident(ladder, ana) -> Incident:
    incident = IncidentFactory(level=level_of(ladder, "SEV2"), declared_by=ana)
    RoleAssignmentFactory(incident=incident, user=ana)
    return incident


@pytest.fixture
def browser(client: Client, ana) -> Client:
    client.force_login(ana)
    return client


def press(browser: Client, incident: Incident, tail: str, **sent: object):
    answer = browser.post(incident.get_absolute_url() + tail, sent)
    assert (answer.status_code, answer["Location"]) == (302, incident.get_absolute_url())
    return browser.get(incident.get_absolute_url())


def said(answer) -> str:
    return " ".join(answer.content.decode().split())


def plain(answer) -> str:
    """What a reader sees, without the elements."""
    return " ".join(re.sub(r"<[^>]+>", "", said(answer)).split())


def test_a_runbook_is_pinned_by_each_affected_service_and_not_by_the_first_alone(ladder, incident, ana):
    RunbookFactory(version=ladder, slug="payments", services=["payments"])
    before = [row.runbook.slug for row in room(incident.reference, ana, NOW).scenario.runbooks]

    AffectedServiceFactory(incident=incident, service__slug="payments")

    after = [row.runbook.slug for row in room(incident.reference, ana, NOW).scenario.runbooks]
    assert (before, after) == (["database"], ["database", "payments"])


def test_a_pinned_runbook_is_shown_and_taken_up_by_one_press(browser, incident):
    before = said(browser.get(incident.get_absolute_url()))
    assert "Look for long queries <code>SELECT 1</code>" in before
    assert "Decide within 10 min: Fail over, or not" in before
    assert "For customers: “Work waits.”" in before

    after = plain(press(browser, incident, "runbooks/database/take-up"))

    assert "since 12:24 by @ana" in after
    assert "Decide: Fail over, or not" in after
    assert incident.promises.get(kind=PromiseKind.CRITICAL).due_at == NOW + timedelta(minutes=11)


def test_a_critical_decision_is_owed_opens_its_form_and_is_decided(browser, incident):
    press(browser, incident, "runbooks/database/take-up")
    promise = incident.promises.get(kind=PromiseKind.CRITICAL)

    opened = said(browser.get(promise.link))
    assert f'<option value="{promise.subject_key}" selected>Fail over, or not</option>' in opened

    press(browser, incident, "decide", decision=promise.subject_key, text="We stay")
    promise.refresh_from_db()
    assert promise.kept_at == NOW + timedelta(minutes=1)
    assert texts(incident)[-1] == "**Decided:** We stay (Fail over, or not)"
    again = browser.post(incident.get_absolute_url() + "decide", {"decision": promise.subject_key, "text": "x"})
    assert again.status_code == 422


def test_the_failure_was_new_is_owed_until_it_is_updated(browser, incident):
    press(browser, incident, "runbooks/database/take-up")
    owed = said(press(browser, incident, "runbooks/database/new-failure"))
    assert "Update the runbook: The database fails" in owed

    done = said(press(browser, incident, "runbooks/database/updated"))
    assert "Update the runbook: The database fails" not in done.partition('id="timeline"')[0]
    assert texts(incident)[-1] == "The runbook **The database fails** was updated"


def test_where_no_runbook_was_taken_up_one_is_asked_for_once_it_is_over(browser, incident):
    label = "The failure was new: write a runbook"
    assert label not in said(browser.get(incident.get_absolute_url()))
    assert label in said(press(browser, incident, "resolve"))

    owed = said(press(browser, incident, "new-failure"))
    assert ("a runbook is to be written" in owed, label in owed) == (True, False)
    done = said(press(browser, incident, "runbook-written"))
    assert ("a runbook is to be written." in done, label in done) == (False, False)
    assert texts(incident)[-1] == "A runbook for this was written"


def test_the_question_of_a_flag_is_asked_at_a_bad_level_and_answered_by_one_press(browser, incident):
    asked = said(browser.get(incident.get_absolute_url()))
    assert "Is data at risk?" in asked
    assert incident.get_absolute_url() + "flags/breach/raise" in asked

    answered = said(press(browser, incident, "flags/breach/lower"))

    assert texts(incident) == ["Is data at risk? No"]
    assert "asked at triage" not in answered


def test_a_low_level_is_not_asked(browser, ladder):
    low = IncidentFactory(level=level_of(ladder, "SEV3"))

    assert "asked at triage" not in said(browser.get(low.get_absolute_url()))


def test_a_question_for_afterwards_is_no_question_of_the_first_minutes_and_is_answered_once_it_is_over(
    browser, ladder, incident
):
    FlagFactory(version=ladder, slug="new", name="A new way to fail", question="Was it new?", asked=FlagAsked.AFTER)
    assert "Was it new?" not in said(browser.get(incident.get_absolute_url()))

    over = said(press(browser, incident, "resolve"))
    assert 'Was it new? <span class="mu-dim">asked before it is closed</span>' in over

    press(browser, incident, "flags/new/lower")
    assert texts(incident)[-1] == "Was it new? No"
    assert "asked before it is closed" not in said(browser.get(incident.get_absolute_url()))


def test_a_flag_stands_in_the_band_as_a_word(browser, incident):
    shown = said(press(browser, incident, "flags/breach/raise"))

    assert '<b class="mu-tone late">Breach suspected</b>' in shown
    assert "<b>Private:</b> only those who were let in see it." in shown


def test_the_matrix_is_shown_before_it_fires(browser, incident):
    IncidentEscalationFactory(
        incident=incident, rule__policies=["studio-producer"], rule__expected="more people, vendor"
    )

    shown = plain(browser.get(incident.get_absolute_url()))

    assert "in 29:00, at 12:53: studio-producer is rung (more people, vendor)" in shown


def test_private_people_let_in_and_public_again(browser, incident):
    otto = ReachableUserFactory(handle="otto")
    outsider = Client()
    outsider.force_login(otto)

    press(browser, incident, "private", reason="a person is named")
    assert outsider.get(incident.get_absolute_url()).status_code == 404
    assert "In are @ana (commander)." in said(browser.get(incident.get_absolute_url() + "?panel=audience"))

    press(browser, incident, "audience", user="@otto", reason="knows the logs")
    assert outsider.get(incident.get_absolute_url()).status_code == 200
    refused = outsider.post(incident.get_absolute_url() + "no-longer-private", {"reason": "why not"})
    assert (refused.status_code, "Only who commands, or an admin" in said(refused)) == (422, True)

    press(browser, incident, "no-longer-private", reason="over")
    incident.refresh_from_db()
    assert incident.audience is None


def test_an_admin_comes_in_by_the_reference_and_nobody_else(client, ladder):
    incident = IncidentFactory(level=level_of(ladder, "SEV2"), audience=AudienceFactory())
    words = {"reference": incident.reference.lower(), "reason": "The commander is unreachable"}
    client.force_login(UserFactory())
    assert (client.get("/private/").status_code, client.post("/private/", words).status_code) == (403, 403)

    admin = UserFactory(admin=True)
    client.force_login(admin)
    assert client.post("/private/", {}).status_code == 422
    unknown = client.post("/private/", {**words, "reference": "INC-20000101-0001"})
    assert "There is no incident of this reference." in said(unknown)
    assert not AudienceMember.objects.exists()

    answer = client.post("/private/", words)
    assert (answer.status_code, answer["Location"]) == (302, incident.get_absolute_url())
    assert AudienceMember.objects.get(user=admin).reason == "The commander is unreachable"


def test_a_scenario_brings_its_level_its_flag_and_its_privacy(browser, ladder):
    offered = said(browser.get("/declare/?runbook=breach"))
    assert '<input type="radio" name="level" value="SEV1" checked>' in offered

    browser.post("/declare/", {"summary": "Logins from nowhere", "runbook": "breach"})

    incident = Incident.objects.get()
    assert (incident.level.name, incident.flags.get().flag, IncidentRunbook.objects.get().runbook.slug) == (
        "SEV1",
        "breach",
        "breach",
    )
    assert set(AudienceMember.objects.values_list("user__handle", flat=True)) == {"ana", "lea"}


def test_a_chosen_level_wins_over_that_of_the_scenario(browser, ladder):
    browser.post("/declare/", {"summary": "Slow", "runbook": "breach", "level": "SEV3"})

    assert Incident.objects.get().level.name == "SEV3"


def test_a_runbook_that_is_gone_is_said(browser, ladder):
    answer = browser.post("/declare/", {"summary": "Slow", "runbook": "gone", "level": "SEV3"})

    assert "There is no such runbook any more; choose another, or none." in said(answer)
    assert not Incident.objects.exists()


def test_a_drill_is_marked_and_stands_in_a_list_of_its_own(browser, ladder):
    browser.post("/declare/", {"summary": "Fire", "level": "SEV2", "is_drill": "on", "is_private": "on"})
    drill, real = Incident.objects.get(), IncidentFactory(level=level_of(ladder, "SEV2"))

    assert (drill.is_drill, drill.audience is None) == (True, False)
    assert '<span class="mu-tone soon">DRILL</span> Fire' in said(browser.get(drill.get_absolute_url()))
    assert "[SEV2] DRILL: Fire" in browser.get(drill.get_absolute_url() + "status.md").content.decode()
    listed, drills = said(browser.get("/incidents/")), said(browser.get("/incidents/?drills=1"))
    assert [drill.reference in listed, real.reference in listed] == [False, True]
    assert [drill.reference in drills, real.reference in drills, "<b>DRILL</b>" in drills] == [True, False, True]
    assert "<b>DRILL</b>" in said(browser.get("/"))


@pytest.mark.parametrize(
    ("line", "answered"),
    [
        ("/flag breach", "Flag raised: Breach suspected."),
        ("/flag breach no", "Breach suspected: no."),
        ("/runbook database", "Took up the runbook: The database fails."),
        ("/flag fire", "There is no flag “fire” here; this ladder has: breach"),
        ("/flag breach perhaps", "Write /flag and its name; with “no” behind it to lower it."),
        ("/runbook fire", "There is no runbook “fire” here; this ladder has: breach, database"),
    ],
)
def test_the_composer_knows_flags_and_runbooks(browser, incident, line, answered):
    answer = browser.post(incident.get_absolute_url() + "post", {"line": line}, headers={"HX-Request": "true"})

    assert answered in said(answer)


def test_the_composer_completes_them(browser, incident):
    url = incident.get_absolute_url() + "completions"

    assert "/flag breach " in browser.get(url, {"line": "/flag br"}).content.decode()
    assert "/runbook database " in browser.get(url, {"line": "/runbook da"}).content.decode()
