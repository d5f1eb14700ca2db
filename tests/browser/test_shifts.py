"""A swap from one browser to another without a script, and plan B on paper."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from pypdf import PdfReader

from escalation.models import ShiftSwap
from escalation.queries.oncall import on_call_now
from tests.browser.conftest import PHONE, Clock, Open
from tests.browser.look import small_targets
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import RoleContactFactory, RotationFactory, ScheduleFactory, make_schedule

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_shift_changes_hands_between_two_phones_without_a_script(clock: Clock, open_page: Open) -> None:
    jens, ana = UserFactory(handle="jens"), UserFactory(handle="ana", time_zone="Europe/Lisbon")
    platform = make_schedule(jens, ana, name="Platform", slug="platform")
    hers = open_page("/me/shifts/", ana, viewport=PHONE, java_script_enabled=False)

    hers.get_by_role("link", name="Ask for a swap in Platform").nth(1).click()
    hers.get_by_label("Until").fill("2026-04-28T08:00")
    hers.get_by_label("Note").fill("My sister marries")
    hers.get_by_role("button", name="Ask").click()
    expect(hers.get_by_text("You stay on call until somebody takes it.")).to_be_visible()
    expect(hers.get_by_text("nobody has taken it")).to_be_visible()

    his = open_page("/me/shifts/", jens, viewport=PHONE)
    expect(his.get_by_text("My sister marries")).to_be_visible()
    assert small_targets(his) == []
    his.get_by_role("button", name="Take this shift").click()
    expect(his.get_by_text("Thank you: you are on call instead of @ana.")).to_be_visible()

    swap = ShiftSwap.objects.get()
    assert on_call_now(platform, swap.starts_at) == on_call_now(platform, swap.ends_at - timedelta(hours=1)) == [jens]
    assert on_call_now(platform, swap.ends_at) == [ana]


def test_plan_b_is_one_black_sheet_of_a4_also_in_the_dark(clock: Clock, open_page: Open) -> None:
    people = [UserFactory(name=name, phone=f"+49302312510{at}") for at, name in enumerate(["Ana", "Jens", "Mira"])]
    for name, unit, length in (("Platform", "weeks", 1), ("Support", "days", 1), ("Payments", "hours", 12)):
        RotationFactory(schedule=ScheduleFactory(name=name), people=people, unit=unit, length=length)
    for at in range(8):
        RoleContactFactory(role=f"Role {at}", person=people[at % 3])
    page = open_page(reverse("escalation:plan-b"), people[0], color_scheme="dark")

    sheets = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages

    assert len(sheets) == 1
    assert [round(float(side)) for side in sheets[0].mediabox[2:]] == [595, 842]
    words = sheets[0].extract_text()
    for expected in ("plan B", "Role 7", "On call: Payments", "+493023125101", NOW.strftime("%H:%M UTC")):
        assert expected in words
    for left_out in ("Declare", "Mail it to me", "Print this page", "stalled"):
        assert left_out not in words
    page.emulate_media(media="print")
    style = "(place, what) => getComputedStyle(document.querySelector(place))[what]"
    colours = [
        page.evaluate(f"() => ({style})({place!r}, {what!r})")
        for place, what in ((".mu-planb", "color"), ("body", "backgroundColor"))
    ]
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
