"""The room in its first five minutes: each rule of the house by its number, asserted by what its presses do.

What only a browser can tell (six, seven) is played in one; more of both is in test_room and test_frame.
"""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import expect

from accounts.actor import Actor
from accounts.models import User
from comms.models import Message
from escalation.actions.page import acknowledge_page
from escalation.enums import PageStatus
from escalation.models import Page
from incidents.actions.declare import declare_incident
from incidents.actions.timeline import add_entry
from incidents.models import Handover, Incident, SeverityChange, StatusUpdate
from tests.browser.conftest import PHONE, Open
from tests.factories import NOW
from tests.factories.comms import ReachableUserFactory, SubscriptionFactory, make_engine
from tests.factories.escalation import make_policy
from tests.factories.incidents import level_of, make_ladder
from tests.factories.ladder import MitigationOptionFactory, PhaseFactory, PhaseItemFactory, RunbookFactory
from tests.form_fields import press

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
FIRST = NOW + timedelta(seconds=40)


@pytest.fixture
def people() -> dict[str, User]:
    return {name: ReachableUserFactory(handle=name, time_zone="Europe/Berlin") for name in ("ana", "jens", "tomas")}


@pytest.fixture
def incident(people: dict[str, User]) -> Incident:
    """Declared by Ana at NOW; Jens is rung, Tomas is next in five minutes."""
    make_engine()
    SubscriptionFactory(name="incidents")
    make_policy(people["jens"], people["tomas"], slug="primary", wait_seconds=300)
    version = make_ladder(people["ana"])
    MitigationOptionFactory(version=version, name="Roll back")
    RunbookFactory(version=version, name="The database fails", levels=["SEV2"])
    PhaseItemFactory(phase=PhaseFactory(version=version, name="Triage"), text="Look at the deploys")
    return declare_incident(
        by=Actor(people["ana"]), now=NOW, level=level_of(version, "SEV2"), summary="Pipeline blocks spiking"
    )


def read(client: Client, user: User, incident: Incident, query: str = "") -> Any:
    """The room, as `user` opens it."""
    client.force_login(user)
    return client.get(incident.get_absolute_url() + query)


def words(answer: Any) -> str:
    """What a reader sees of the room, in one line."""
    html = answer.content.decode()
    room = html.partition('<div id="room"')[2].partition("</main>")[0]
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", room).split()))


def buttons(answer: Any) -> list[str]:
    """What every button of the room says, in the order of the page."""
    room = answer.content.decode().partition('<div id="room"')[2]
    return [" ".join(re.sub(r"<[^>]*>", " ", one).split()) for one in re.findall(r"<button[^>]*>(.*?)</button>", room)]


def in_order(text: str, *parts: str) -> bool:
    """Whether `parts` stand in `text` in this order."""
    places = [text.index(part) for part in parts]
    return places == sorted(places)


@time_machine.travel(FIRST, tick=False)
def test_1_my_answer_is_the_first_thing_and_then_that_i_command_and_how_to_pass_it_on(
    client: Client, incident: Incident, people: dict[str, User]
) -> None:
    mine = read(client, people["jens"], incident)
    assert [unescape(one) for one in buttons(mine)[:5]] == ["I'm on it a", "5 min", "15 min", "30 min", "Can't"]

    press(client, mine, "I'm on it")

    incident.refresh_from_db()
    assert incident.commander == people["jens"]
    now_mine = read(client, people["jens"], incident)
    assert in_order(words(now_mine), "You command.", "Pass it on", incident.summary)
    panel = read(client, people["jens"], incident, "?panel=handover&role=commander")
    press(client, panel, "Offer", to="@tomas", user="@tomas")
    assert [(one.from_user, one.to_user) for one in Handover.objects.all()] == [(people["jens"], people["tomas"])]


@time_machine.travel(FIRST, tick=False)
def test_2_the_band_says_what_how_bad_who_is_rung_and_since_when(
    client: Client, incident: Incident, people: dict[str, User]
) -> None:
    page = read(client, people["ana"], incident)

    said = words(page)
    assert in_order(said, "SEV2", incident.summary, "No commander yet.", "Ringing @jens: email", "@tomas next in 4:20")
    assert in_order(said, "Impact unknown · set", "0:40 · began when?")
    press(client, page, "ring @tomas now")
    press(
        client, read(client, people["ana"], incident, "?panel=impact"), "Save", customers="All", impact_began_at="-5m"
    )

    assert set(Message.objects.filter(kind="page").values_list("user__handle", flat=True)) == {"jens", "tomas"}
    incident.refresh_from_db()
    assert (incident.customers, incident.impact_began_at) == ("All", FIRST - 5 * MINUTE)
    assert "0:40 · 5:00" in words(read(client, people["ana"], incident))


@time_machine.travel(FIRST, tick=False)
def test_3_what_is_owed_is_one_list_worst_first_three_at_most_and_what_is_met_leaves_it(
    client: Client, incident: Incident, people: dict[str, User]
) -> None:
    def owed() -> list[tuple[str, str]]:
        """(clock, first word) of the list until it is unfolded."""
        html = read(client, people["ana"], incident).content.decode()
        shown = html.partition('id="room-owed"')[2].partition("</ol>")[0]
        return re.findall(r"(\d+:\d\d) ([A-Z]\w+)", " ".join(re.sub(r"<[^>]*>", " ", shown).split()))

    assert owed() == [("4:20", "Acknowledge"), ("14:20", "Respond"), ("29:20", "Status")]
    press(client, read(client, people["ana"], incident), "Ring @tomas now")
    acknowledge_page(Page.objects.get(), by=Actor(people["jens"]), now=FIRST)

    assert owed() == [("14:20", "Respond"), ("29:20", "Status")]


@time_machine.travel(FIRST, tick=False)
def test_4_an_update_takes_two_presses_names_its_audience_and_the_public_is_no_default_below_its_levels(
    client: Client, incident: Incident, people: dict[str, User]
) -> None:
    panel = read(client, people["ana"], incident, "?panel=update")
    assert "Goes to #incidents, the timeline and the status document." in words(panel)

    press(client, panel, "Post the update")

    first = StatusUpdate.objects.get()
    assert (incident.summary in first.text, first.public_text, first.told_where) == (True, "", ["incidents"])
    assert first.next_by == FIRST + 30 * MINUTE
    press(client, read(client, people["ana"], incident), "No change, next by")
    assert list(StatusUpdate.objects.order_by("pk").values_list("is_no_change", flat=True)) == [False, True]
    sev1 = level_of(incident.level.version, "SEV1")
    loud = declare_incident(by=Actor(people["ana"]), now=NOW, level=sev1, summary="Nothing answers")
    press(client, read(client, people["ana"], loud, "?panel=update"), "Post the update")
    assert StatusUpdate.objects.get(incident=loud).public_text != ""


@time_machine.travel(FIRST, tick=False)
def test_5_what_stops_the_bleeding_stands_before_what_finds_the_cause_and_is_one_press(
    client: Client, incident: Incident, people: dict[str, User]
) -> None:
    page = read(client, people["ana"], incident)
    aside = page.content.decode().partition('<aside id="room-facts"')[2]
    titles = [" ".join(re.sub(r"<[^>]*>", " ", one).split()) for one in re.findall(r"<h2[^>]*>(.*?)</h2>", aside)]
    assert in_order(
        " · ".join(titles), *("Stop the bleeding", "Recent changes", "unbook", "Mitigation", "Checklist", "Hypoth")
    )

    press(client, page, "Bleeding stopped")

    incident.refresh_from_db()
    assert (incident.status, incident.mitigated_at) == ("monitoring", FIRST)


@pytest.mark.django_db(transaction=True)
def test_6_the_desk_writes_at_once_and_leaves_by_escape_and_the_phone_has_its_bar_and_its_fold(
    open_page: Open, transactional_db: None, clock: Any, incident: Incident, people: dict[str, User]
) -> None:
    desk = open_page(incident.get_absolute_url(), people["ana"])
    expect(desk.locator("#composer-line")).to_be_focused()
    desk.keyboard.press("Escape")
    desk.keyboard.press("i")
    expect(desk.get_by_label("Customers affected")).to_be_visible()

    phone = open_page(incident.get_absolute_url(), people["jens"], viewport=PHONE, has_touch=True, is_mobile=True)
    bar = phone.locator(".mu-phonebar")
    box = bar.bounding_box()
    assert box
    assert box["y"] + box["height"] == PHONE["height"]
    for name in ("Note", "Update", "Page"):
        expect(bar.get_by_role("link", name=name, exact=True)).to_be_in_viewport(ratio=1)
    for said in ("No commander yet.", "@tomas next in"):
        expect(phone.get_by_text(said)).to_be_in_viewport(ratio=1)
    expect(phone.get_by_role("link", name="Declare").first).to_be_in_viewport(ratio=1)


@pytest.mark.django_db(transaction=True)
def test_7_healthy_is_silent_trouble_is_loud_and_new_rows_move_nothing(
    open_page: Open, transactional_db: None, clock: Any, incident: Incident, people: dict[str, User]
) -> None:
    for number in range(60):
        add_entry(incident, by=Actor(people["ana"]), now=clock.began_at + MINUTE, text=f"line {number}")
    page = open_page(incident.get_absolute_url(), people["jens"], viewport=PHONE)
    for bar in ("#not-live", "#engine-bar", "#timeline-new"):
        expect(page.locator(bar)).to_be_hidden()
    row = page.locator("#timeline li[data-number]").nth(40)
    row.scroll_into_view_if_needed()
    before = row.bounding_box()
    assert before

    for text in ("one", "two", "three"):
        add_entry(incident, by=Actor(people["ana"]), now=clock.began_at + 2 * MINUTE, text=text)

    expect(page.locator("#timeline-new")).to_have_text("3 new")
    after = row.bounding_box()
    assert after
    assert after["y"] == pytest.approx(before["y"], abs=1)
    page.context.set_offline(True)
    clock.move(minutes=2)
    expect(page.locator("#not-live")).to_contain_text("clocks may lie")


@time_machine.travel(FIRST, tick=False)
def test_8_what_a_change_does_stands_beside_its_button_and_a_raise_is_one_press_with_ten_seconds_to_take_it_back(
    client: Client, incident: Incident, people: dict[str, User]
) -> None:
    page = read(client, people["ana"], incident)
    assert "SEV1 rings again in 10 s, updates every 15 min." in words(page)
    assert [word for word in ("hx-confirm", "<dialog open", "onclick") if word in page.content.decode()] == []

    press(client, page, "Raise to SEV1")
    change = SeverityChange.objects.get()
    raised = read(client, people["ana"], incident)
    press(client, raised, "Take it back")

    change.refresh_from_db()
    assert change.takes_effect_at == FIRST + timedelta(seconds=10)
    assert (change.taken_back_at, change.settled_at) == (FIRST, None)
    incident.refresh_from_db()
    assert incident.level.name == "SEV2"


def test_9_hints_speak_one_at_a_time_can_be_sent_away_and_hold_back_while_the_commander_holds_empty_roles(
    client: Client, people: dict[str, User], incident: Incident
) -> None:
    def hints() -> list[str]:
        page = read(client, people["ana"], incident)
        return re.findall(r'id="hint"[^>]*><span>([^<]*)', page.content.decode())

    with time_machine.travel(NOW + 4 * MINUTE, tick=False):
        assert hints() == []
        assert "others: held by the commander for now" in words(read(client, people["ana"], incident))
        Page.objects.update(status=PageStatus.EXHAUSTED)
        assert hints() == ["A page has reached its end and nobody has answered."]
    with time_machine.travel(NOW + 20 * MINUTE, tick=False):
        page = read(client, people["ana"], incident)
        assert "held by the commander" not in words(page)
        (first,) = hints()
        away = re.search(r'action="([^"]*/away)"', page.content.decode())
        assert away
        client.post(away[1])
        assert first not in hints()
        assert len(hints()) == 1


@time_machine.travel(FIRST, tick=False)
def test_10_there_is_no_figure_in_the_room_and_one_line_is_enough_for_what_is_thought_decided_and_asked(
    client: Client, incident: Incident, people: dict[str, User]
) -> None:
    said = words(read(client, people["ana"], incident)).lower()
    assert [word for word in ("mttr", "score", "average", "median", "digest", "% kept") if word in said] == []

    for panel, label, line in (
        ("hypothesis", "Put it forward", {"text": "The new detector blocks"}),
        ("decision", "Write it down", {"text": "We wait"}),
        ("task", "Give", {"text": "Roll back", "owner": "@jens"}),
    ):
        press(client, read(client, people["ana"], incident, f"?panel={panel}"), label, **line)

    assert [one.text for one in incident.hypotheses.all()] == ["The new detector blocks"]
    assert [one.text for one in incident.decisions.all()] == ["We wait"]
    assert [(one.text, one.owner) for one in incident.tasks.all()] == [("Roll back", people["jens"])]
