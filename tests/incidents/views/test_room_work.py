"""What people do about an incident, as the room shows it and as its doors take it, with HTMX and without."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from incidents.enums import HypothesisStatus, MitigationOutcome, PromiseKind
from incidents.models import Incident, Task
from incidents.queries.policy import policy_of
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import ServiceFactory
from tests.factories.incidents import IncidentFactory, PromiseFactory, level_of, make_entries, make_ladder
from tests.factories.ladder import LinkTemplateFactory, MitigationOptionFactory, RunbookFactory, SymptomFactory
from tests.factories.working import (
    AffectedServiceFactory,
    CustomerReportFactory,
    DecisionFactory,
    DeploymentFactory,
    HypothesisFactory,
    HypothesisLineFactory,
    MitigationFactory,
    TaskFactory,
)
from tests.incidents.views.room import press, texts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_minute_later(time_machine):
    time_machine.move_to(NOW + timedelta(minutes=1), tick=False)


@pytest.fixture
def ana() -> User:
    return ReachableUserFactory(handle="ana", time_zone="Europe/Berlin")


@pytest.fixture
def incident(ana) -> Incident:
    """A SEV2 of the service api, with a catalogue of one mitigation; tasks are to be understood."""
    version = make_ladder(ana, tasks_understood=True)
    MitigationOptionFactory(
        version=version,
        slug="rollback",
        name="Roll it back",
        when="A deploy caused it",
        risk="medium",
        speed="5 min",
        command="helm rollback {release}",
        way_back="helm upgrade {release} {chart}",
        watch_for="5 min",
    )
    SymptomFactory(version=version, symptom="All at once", cause="A deploy", look="git log", mitigation="rollback")
    LinkTemplateFactory(version=version, name="Logs", url="https://logs.test/?q={service}&a={from}&b={until}")
    return IncidentFactory(level=level_of(version, "SEV2"), service=ServiceFactory(slug="api", name="The API"))


@pytest.fixture
def browser(client: Client, ana, incident) -> Client:
    client.force_login(ana)
    return client


def part(browser: Client, incident: Incident, name: str, query: str = "") -> str:
    """What a reader sees of one panel, in one line."""
    html = browser.get(incident.get_absolute_url() + query).content.decode()
    found = re.search(rf'<section[^>]*id="{name}".*?</section>', html, re.S)
    assert found, f"there is no {name}"
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", found[0]).split()))


PRESSES = [
    ("tasks", {"text": "look", "owner": "@ana", "due_at": "10 min"}, "Task for @ana: look, by 12:34 UTC"),
    ("tasks/change", {"number": "1", "due_at": "14:45"}, "Task: Roll back to 1.4: by 12:45 UTC"),
    (
        "tasks/drop",
        {"number": "1", "reason": "done by itself"},
        "Task of @ana dropped: Roll back to 1.4: done by itself",
    ),
    ("tasks/1/done", {}, "Done: Roll back to 1.4"),
    ("tasks/1/understood", {}, "@ana has understood: Roll back to 1.4"),
    ("hypotheses", {"text": "the deploy", "confidence": "80"}, "Hypothesis: the deploy (80 %)"),
    ("hypotheses/1/confirmed", {}, "Hypothesis confirmed: The new detector blocks ordinary requests"),
    (
        "hypotheses/lines",
        {"number": "1", "kind": "step", "text": "switch it off"},
        "To find out: switch it off · The new detector blocks ordinary requests",
    ),
    ("hypotheses/1/lines/1/done", {}, "Step taken: ask them · The new detector blocks ordinary requests"),
    ("decisions", {"text": "fail over", "check_at": "in 10 min"}, "Decided: fail over · looked at again at 12:34 UTC"),
    ("decisions/1/worked", {}, "It worked: Fail over to the replica"),
    ("mitigations", {"name": "restart it"}, "Mitigation: restart it"),
    (
        "mitigations",
        {"option": "rollback", "value-release": "api", "value-chart": "a b"},
        "Mitigation: Roll it back, looked at again at 12:29 UTC",
    ),
    ("mitigations/1/partial", {}, "Partly: Roll back"),
    ("mitigations/1/roll-back", {}, "Roll back: Roll back"),
    ("services/api/down", {}, "api is down"),
    ("reports", {}, "1 customer reports it"),
    ("reports/note", {"note": "Acme"}, "1 customer reports it: Acme"),
]


@pytest.fixture
def one_of_each(incident, ana) -> None:
    TaskFactory(incident=incident, number=1, owner=ana)
    HypothesisLineFactory(
        hypothesis=HypothesisFactory(incident=incident, number=1), number=1, kind="step", text="ask them"
    )
    DecisionFactory(incident=incident, number=1)
    MitigationFactory(incident=incident, number=1)


@pytest.mark.parametrize(("tail", "sent", "text"), PRESSES)
@pytest.mark.parametrize("htmx", [True, False])
def test_a_press_acts_and_shows_the_room_again(browser, incident, one_of_each, tail, sent, text, htmx):
    answer = press(browser, incident, tail, htmx=htmx, **sent)

    assert texts(incident) == [text]
    if htmx:
        assert 'id="room-facts" hx-swap-oob="true"' in answer.content.decode()
    else:
        assert (answer.status_code, answer["Location"]) == (302, incident.get_absolute_url())


def test_services_and_deployments_are_chosen_from_the_list(browser, incident):
    web = ServiceFactory(slug="web")
    press(browser, incident, "services", service=web.pk, state="degraded")
    press(browser, incident, "deployments", service=web.pk, version="3", at="14:05", by="CI")

    assert texts(incident) == ["web is degraded", "Deployed web 3 at 12:05 UTC by CI"]


@pytest.mark.parametrize(
    ("tail", "sent", "sentence", "kept"),
    [
        ("tasks", {"text": "look", "owner": "@nobody"}, "There is nobody called @nobody here.", 'value="look"'),
        ("tasks", {"text": "", "owner": "@ana"}, "Say in one line what is to do.", 'value="@ana"'),
        ("tasks", {"text": "look", "owner": "@ana", "due_at": "soon"}, "“soon” is no moment to come", 'value="soon"'),
        ("tasks/drop", {"number": "1", "reason": ""}, "Say in a few words why it is dropped.", ""),
        ("hypotheses", {"text": "x", "confidence": "120"}, "less than or equal to 100", 'value="120"'),
        ("decisions", {"text": ""}, "Say in one line what was decided.", ""),
        ("mitigations", {"option": "rollback", "value-release": "a b"}, "Say what chart is.", 'value="a b"'),
        ("mitigations", {"name": ""}, "Say in one line what is done", ""),
        ("mitigations/remaining", {"number": "1", "text": "x"}, "nothing remains of it", 'value="x"'),
        ("services", {"service": "999", "state": "down"}, "not one of the available choices", ""),
        ("deployments", {"service": "1", "version": "3", "at": "25:00"}, "“25:00” is not a time", 'value="3"'),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_a_refusal_keeps_what_was_typed_and_writes_nothing(
    browser, incident, one_of_each, tail, sent, sentence, kept, htmx
):
    answer = press(browser, incident, tail, htmx=htmx, **sent)
    html = unescape(answer.content.decode())

    assert answer.status_code == 422
    assert sentence in html
    assert kept in html
    assert texts(incident) == []


def test_a_value_that_the_shell_could_not_hold_is_refused_beside_its_field(browser, incident):
    answer = press(
        browser, incident, "mitigations", **{"option": "rollback", "value-release": "a\u202eb", "value-chart": "c"}
    )

    assert answer.status_code == 422
    assert "release holds a line break, or a character that is not seen." in answer.content.decode()


def test_every_press_of_a_viewer_but_a_report_is_refused(client, incident, one_of_each):
    client.force_login(UserFactory(viewer=True, handle="vera"))
    for tail, sent, _ in PRESSES:
        if not tail.startswith("reports"):
            answer = press(client, incident, tail, htmx=True, **sent)
            assert "@vera may read here but not act" in answer.content.decode()
    assert texts(incident) == []

    press(client, incident, "reports")
    assert texts(incident) == ["1 customer reports it"]
    assert "1 customer report, last 12:24" in " ".join(
        unescape(re.sub(r"<[^>]*>", " ", client.get(incident.get_absolute_url()).content.decode())).split()
    )


def test_a_get_of_a_press_leads_to_the_room(browser, incident):
    answer = browser.get(incident.get_absolute_url() + "tasks/1/done")

    assert (answer.status_code, answer["Location"]) == (302, incident.get_absolute_url())


def test_the_catalogue_says_when_how_dangerous_and_how_quick_and_what_is_seen_leads_to_it(browser, incident):
    shown = part(browser, incident, "room-mitigations")

    assert shown == (
        "Mitigations by hand Roll it back · risk medium · 5 min A deploy caused it"
        " What do you see? 1 symptom All at once : A deploy Look at: git log rollback"
    )


def test_the_panel_of_a_mitigation_asks_for_each_name_of_its_commands(browser, incident):
    shown = part(browser, incident, "room-panel", "?panel=mitigation&option=rollback")

    assert "release" in shown
    assert "chart" in shown
    assert "Empty: 5 min." in shown
    assert "What is done?" not in shown


@pytest.mark.parametrize(
    ("outcome", "leads_to"),
    [
        (MitigationOutcome.EFFECTIVE, "Bleeding stopped"),
        (MitigationOutcome.PARTIAL, "What is left?"),
        (MitigationOutcome.NONE, "Next hypothesis"),
        (MitigationOutcome.WORSE, "Roll it back helm rollback api"),
    ],
)
def test_what_a_mitigation_did_leads_on(browser, incident, outcome, leads_to):
    MitigationFactory(incident=incident, outcome=outcome, outcome_at=NOW, way_back="helm rollback api")

    assert leads_to in part(browser, incident, "room-mitigations").partition("risk")[0]


def test_a_confirmed_cause_offers_the_status_beside_it(browser, incident):
    HypothesisFactory(incident=incident, status=HypothesisStatus.CONFIRMED, confidence=90)

    shown = part(browser, incident, "room-hypotheses")

    assert "Confirmed 90 % The new detector blocks ordinary requests" in shown
    assert "Status: identified The cause is known: say so." in shown


def test_tasks_say_whose_by_when_and_whether_they_are_understood(browser, incident, ana):
    TaskFactory(incident=incident, number=1, owner=ana, due_at=NOW + timedelta(minutes=10))
    TaskFactory(
        incident=incident, number=2, owner=ana, status="dropped", reason="not needed", ended_at=NOW, text="Ask them"
    )

    shown = part(browser, incident, "room-tasks")

    assert "@ana Roll back to 1.4 by 12:33 · not understood yet Done Understood more time, or pass it on drop" in shown
    assert "@ana Ask them · dropped 12:23 : not needed" in shown


def test_recent_changes_mark_the_last_one_before_it_began(browser, incident):
    api = incident.service
    incident.impact_began_at = NOW - timedelta(minutes=8)
    incident.save(update_fields=["impact_began_at"])
    web = AffectedServiceFactory(incident=incident, service=ServiceFactory(slug="web")).service
    for service, version, minutes in (
        (api, "2.4", 2),
        (web, "7", 10),
        (api, "2.3", 30),
        (api, "1.0", 60 * 25),
        (ServiceFactory(), "other", 9),
    ):
        DeploymentFactory(service=service, version=version, deployed_at=NOW - timedelta(minutes=minutes))

    shown = part(browser, incident, "room-changes")

    assert shown.startswith(
        "Recent changes add 12:21 api 2.4 12:13 web 7 The last one before it began 11:53 api 2.3 Logs"
    )
    assert "1.0" not in shown
    assert "other" not in shown


def test_links_of_the_affected_service_are_filled_in(browser, incident):
    html = unescape(browser.get(incident.get_absolute_url()).content.decode())

    assert 'href="https://logs.test/?q=api&a=2026-04-18T11%3A23%3A00Z&b=2026-04-18T12%3A24%3A00Z"' in html


def test_services_and_customers_are_counted(browser, incident):
    AffectedServiceFactory(incident=incident, service=ServiceFactory(slug="web"), state="degraded")
    CustomerReportFactory.create_batch(7, incident=incident, at=NOW + timedelta(seconds=30))

    assert part(browser, incident, "room-services") == (
        "Affected services add api nobody has said how it is Down Degraded Ok web degraded since 12:23 Down Ok"
    )
    html = unescape(
        " ".join(re.sub(r"<[^>]*>", " ", browser.get(incident.get_absolute_url()).content.decode()).split())
    )
    assert "7 customer reports, last 12:23" in html


def test_a_watched_mitigation_is_owed_with_its_answers(browser, incident, ana):
    MitigationFactory(incident=incident, number=1)
    PromiseFactory(
        incident=incident, kind=PromiseKind.MITIGATION, subject_key="mitigation:1", subject="Did it work? Roll back."
    )
    html = browser.get(incident.get_absolute_url()).content.decode()
    owed = html[html.index('id="room-owed"') : html.index("mu-grid")]

    assert "It worked" in owed
    for outcome in ("partial", "none", "worse"):
        assert f'formaction="{incident.get_absolute_url()}mitigations/1/{outcome}"' in owed

    browser.force_login(UserFactory(viewer=True))
    html = browser.get(incident.get_absolute_url()).content.decode()
    owed = html[html.index('id="room-owed"') : html.index("mu-grid")]
    assert ("Did it work? Roll back." in owed, "<button" in owed) == (True, False)


def test_what_came_back_is_looked_at_again_when_it_is_owed_now(browser, incident):
    DecisionFactory(incident=incident, number=1, check_at=NOW + timedelta(minutes=5))
    MitigationFactory(incident=incident, number=1)
    later = NOW + timedelta(minutes=40)
    for kind, key in ((PromiseKind.DECISION, "decision:1"), (PromiseKind.MITIGATION, "mitigation:1")):
        PromiseFactory(incident=incident, kind=kind, subject_key=key, due_at=later)
    html = browser.get(incident.get_absolute_url()).content.decode()

    for place in ("decision-1", "mitigation-1"):
        row = html[html.index(f'id="{place}"') :]
        assert "looked at again" in row[: row.index("</div>")]
        assert later.isoformat() in row[: row.index("</div>")]


def test_the_status_document_lists_services_cause_and_mitigations(browser, incident):
    HypothesisFactory(incident=incident, status=HypothesisStatus.CONFIRMED)
    MitigationFactory(incident=incident, outcome="partial", outcome_at=NOW, remaining="the queue")
    MitigationFactory(incident=incident, name="Restart", started_at=NOW + timedelta(minutes=1))

    text = browser.get(incident.get_absolute_url() + "status.md").content.decode()

    assert (
        "### Affected services\n- The API: unknown yet\n"
        "### Confirmed cause\n- The new detector blocks ordinary requests\n"
        "### Mitigations\n- 12:23 — Roll back: partly; left: the queue\n"
        "- 12:24 — Restart: not known yet whether it worked\n"
    ) in text


@pytest.mark.parametrize(
    ("line", "said", "text"),
    [
        ("/task @ana 10m roll back", "@ana is asked by 12:34 UTC.", "Task for @ana: roll back, by 12:34 UTC"),
        ("/task @ana look", "@ana is asked.", "Task for @ana: look"),
        ("/hypo the deploy", "Put forward.", "Hypothesis: the deploy"),
        ("/decide fail over", "Written down.", "Decided: fail over"),
        (
            "/decide 10m fail over",
            "Written down; looked at again by 12:34 UTC.",
            "Decided: fail over · looked at again at 12:34 UTC",
        ),
        ("/fix restart it", "Begun: restart it.", "Mitigation: restart it"),
        (
            "/fix rollback release=api chart='a b'",
            "Begun: Roll it back.",
            "Mitigation: Roll it back, looked at again at 12:29 UTC",
        ),
        ("/report Acme", "Counted.", "1 customer reports it: Acme"),
    ],
)
def test_a_line_of_the_composer_does_the_same(browser, incident, line, said, text):
    html = unescape(press(browser, incident, "post", htmx=True, line=line).content.decode())

    assert texts(incident) == [text]
    assert said in html


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("/task roll back", "Write /task, the person, and what is to do"),
        ("/task @nobody look", "There is nobody called @nobody here."),
        ("/fix rollback release=api", "Say what chart is."),
        ("/hypo", "Say in one line what may be behind it."),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(browser, incident, line, sentence):
    html = unescape(press(browser, incident, "post", htmx=True, line=line).content.decode())

    assert sentence in html
    assert (texts(incident), Task.objects.count()) == ([], 0)


def test_a_room_full_of_work_stays_small_and_asks_no_more(browser, incident, ana):
    address = incident.get_absolute_url()
    browser.get(address)
    with CaptureQueriesContext(connection) as empty:
        browser.get(address)
    make_entries(incident, 60, people=[ana])
    version = incident.level.version
    for number in range(20):
        TaskFactory(incident=incident, owner=ana, due_at=NOW)
        row = HypothesisFactory(incident=incident)
        HypothesisLineFactory.create_batch(3, hypothesis=row, kind="step" if number % 2 else "evidence")
        DecisionFactory(incident=incident, expected="errors below 1 %")
        MitigationFactory(incident=incident, target="errors below 1 %")
        DeploymentFactory(service=incident.service)
    MitigationOptionFactory.create_batch(8, version=version, when="A deploy caused it", risk="low", speed="5 min")
    SymptomFactory.create_batch(8, version=version)
    policy_of(incident)
    browser.get(address)  # what nobody has read yet is rendered once
    with CaptureQueriesContext(connection) as full:
        page = browser.get(address)

    assert len(full) == len(empty) <= 20
    assert len(page.content) <= 80_000


def test_the_runbook_of_a_symptom_leads_to_it_in_the_room(browser, client, incident):
    version = incident.level.version
    RunbookFactory(version=version, slug="database", name="The database fails")
    SymptomFactory(version=version, symptom="Slow", cause="Locks", runbook="database", position=2)
    SymptomFactory(version=version, symptom="Odd", cause="Nobody knows", runbook="gone", position=3)

    html = browser.get(incident.get_absolute_url()).content.decode()
    assert 'Runbook: <a href="#runbook-database">The database fails</a>' in html
    assert html.count('id="runbook-database"') == 1
    assert "Runbook: gone" in html

    client.force_login(UserFactory(viewer=True))
    html = client.get(incident.get_absolute_url()).content.decode()
    assert "Runbook: The database fails" in html
    assert "#runbook-database" not in html
