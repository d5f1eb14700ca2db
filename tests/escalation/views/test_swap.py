"""My shifts in the browser: ask for a swap, take one, take it back, all without a script."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from escalation.models import Schedule, ShiftSwap
from escalation.queries.oncall import on_call_now
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import OverrideFactory, ShiftSwapFactory, make_schedule

pytestmark = pytest.mark.django_db

MINE = reverse("escalation:shift-list")


@pytest.fixture
def jens() -> User:
    """On call in Platform next week."""
    return UserFactory(handle="jens")


@pytest.fixture
def ana(client: Client) -> User:
    """On call in Platform until Monday, reading in New York, and signed in."""
    ana = UserFactory(handle="ana", time_zone="America/New_York")
    client.force_login(ana)
    return ana


@pytest.fixture
def platform(jens: User, ana: User) -> Schedule:
    """Jens and Ana take weekly turns."""
    return make_schedule(jens, ana, slug="platform", name="Platform")


def text_of(client: Client, address: str) -> str:
    """What the page says, blanks made one."""
    return " ".join(client.get(address).content.decode().split())


@time_machine.travel(NOW, tick=False)
def test_my_shifts_are_those_of_every_schedule_in_my_zone_and_in_theirs(client, jens, ana, platform) -> None:
    other = make_schedule(jens, name="Payments")
    OverrideFactory(
        schedule=other, user=ana, kind="add", starts_at=NOW + timedelta(days=3), ends_at=NOW + timedelta(days=4)
    )

    shown = text_of(client, MINE)

    assert shown.count("Ask for a swap<") == 4  # Platform now, in two and in four weeks; Payments
    assert "Mon 20 Apr 03:00 EDT" in shown
    assert "Mon 20 Apr 09:00 CEST" in shown
    assert "with @jens" in shown
    assert "beyond these four weeks" in shown


@time_machine.travel(NOW, tick=False)
def test_somebody_without_a_shift_is_told_so(client, ana) -> None:
    make_schedule(UserFactory())

    assert "You are not on call in the next four weeks." in text_of(client, MINE)


@time_machine.travel(NOW, tick=False)
def test_a_swap_is_asked_for_by_the_form_that_the_shift_leads_to(client, jens, ana, platform) -> None:
    address = reverse("escalation:swap-ask", args=["platform"])
    asked = {"from": "2026-04-27T07:00:00+00:00", "until": "2026-05-04T07:00:00+00:00"}
    form = client.get(address, asked).content.decode()
    assert 'value="2026-04-27T03:00"' in form  # in New York

    posted = {"starts_at": "2026-04-28T09:00", "ends_at": "2026-04-28T17:00", "offered_to": jens.pk, "note": "Dentist"}
    wrong = client.post(address, {**posted, "ends_at": "2026-05-20T09:00"})
    assert wrong.status_code == 422
    assert "You are not on call in Platform for all of this span." in wrong.content.decode()
    assert client.post(address, posted).url == MINE

    swap = ShiftSwap.objects.get()
    assert (swap.asked_by, swap.offered_to, swap.note) == (ana, jens, "Dentist")
    assert swap.starts_at.isoformat() == "2026-04-28T13:00:00+00:00"
    assert "nobody has taken it" in text_of(client, MINE)


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"starts_at": "2026-05-05T09:00", "ends_at": "2026-05-05T08:00"},
        {"starts_at": "1000-01-01T09:00", "ends_at": "9999-12-31T23:59"},
        {"starts_at": "2026-03-08T02:30", "ends_at": "2026-05-05T08:00"},
        {"starts_at": "now", "ends_at": "2026-05-05T17:00"},
        {"starts_at": "2026-05-05T09:00", "ends_at": "2026-05-05T17:00", "note": "x" * 201},
        {"starts_at": "2026-05-05T09:00", "ends_at": "2026-05-05T17:00", "offered_to": "0"},
    ],
)
@time_machine.travel(NOW, tick=False)
def test_what_makes_no_sense_is_refused_and_keeps_nothing(client, platform, posted) -> None:
    address = reverse("escalation:swap-ask", args=["platform"])

    assert client.post(address, posted).status_code == 422
    assert client.get(address, {"from": "x", "until": "2026-13-01T00:00:00Z"}).status_code == 200
    assert not ShiftSwap.objects.exists()


@time_machine.travel(NOW, tick=False)
def test_a_swap_is_taken_by_one_press_and_then_says_by_whom(client, jens, ana, platform) -> None:
    swap = ShiftSwapFactory(schedule=platform, asked_by=jens, starts_at=NOW + timedelta(days=3), note="A wedding")
    for address in (MINE, swap.get_absolute_url(), reverse("escalation:schedule-detail", args=["platform"])):
        assert "Take this shift" in text_of(client, address)
        assert "A wedding" in text_of(client, address)

    answer = client.post(reverse("escalation:swap-take", args=[swap.ref]), follow=True).content.decode()

    assert "Thank you: you are on call instead of @jens." in answer
    assert "@ana took it on" in answer
    assert on_call_now(platform, swap.starts_at) == [ana]
    again = client.post(reverse("escalation:swap-take", args=[swap.ref]), follow=True).content.decode()
    assert "@ana has taken this shift already." in again


@time_machine.travel(NOW, tick=False)
def test_ones_own_swap_is_taken_back_and_a_viewer_has_no_button(client, ana, platform) -> None:
    swap = ShiftSwapFactory(schedule=platform, asked_by=ana)
    assert "Take this shift" not in text_of(client, swap.get_absolute_url())
    viewer = Client()
    viewer.force_login(UserFactory(viewer=True))
    for address in (MINE, swap.get_absolute_url(), reverse("escalation:schedule-detail", args=["platform"])):
        assert "Take this shift" not in text_of(viewer, address)

    answer = client.post(reverse("escalation:swap-cancel", args=[swap.ref]), follow=True).content.decode()

    assert "Nobody is asked any more." in answer
    assert "@ana took it back on" in answer


def test_the_page_takes_as_many_queries_for_three_swaps_as_for_one(client, ana, platform) -> None:
    counts = []
    with time_machine.travel(NOW, tick=False):
        for more in (1, 2):
            for _ in range(more):
                ShiftSwapFactory(schedule=make_schedule(ana, UserFactory()), offered_to=UserFactory())
                ShiftSwapFactory(schedule=platform, asked_by=ana, starts_at=NOW)
            with CaptureQueriesContext(connection) as asked:
                client.get(MINE)
            counts.append(len(asked))

    assert counts[0] == counts[1]
