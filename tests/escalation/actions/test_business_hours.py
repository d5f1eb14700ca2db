"""Who may change business hours, and what they refuse."""

from datetime import date, time

import pytest

from accounts.actor import MUSTER
from core.errors import InvalidInput, NotAllowed
from escalation.actions.business_hours import remove_business_hours, set_business_hours
from escalation.models import BusinessHours
from tests.escalation.story import by
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import BusinessHoursFactory

pytestmark = pytest.mark.django_db


def test_only_an_admin_changes_business_hours() -> None:
    hours = BusinessHoursFactory(name="Before")
    hours.name = "After"

    with pytest.raises(NotAllowed, match="Only an admin"):
        set_business_hours(hours, by=by(UserFactory()), now=NOW)
    with pytest.raises(NotAllowed, match="Only an admin"):
        remove_business_hours(hours, by=by(UserFactory()), now=NOW)
    assert BusinessHours.objects.get().name == "Before"

    set_business_hours(hours, by=by(UserFactory(admin=True)), now=NOW)
    assert BusinessHours.objects.get().name == "After"
    remove_business_hours(hours, by=MUSTER, now=NOW)
    assert BusinessHours.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"workdays": []}, "workdays", "This field cannot be blank."),
        ({"workdays": [1, 8]}, "workdays", "Weekdays are numbers from 1 (Monday) to 7 (Sunday)."),
        ({"workdays": [1, 1]}, "workdays", "A weekday is named twice."),
        ({"time_zone": "Berlin"}, "time_zone", "“Berlin” is not an IANA time zone; write it like Europe/Berlin."),
    ],
)
def test_hours_that_say_nothing_are_refused(wrong: dict[str, object], field: str, sentence: str) -> None:
    hours = BusinessHours(slug="desk", name="Desk", **wrong)

    with pytest.raises(InvalidInput) as refusal:
        set_business_hours(hours, by=MUSTER, now=NOW)

    assert (str(refusal.value), refusal.value.field) == (sentence, field)
    assert BusinessHours.objects.count() == 0


def test_the_calendar_is_that_of_the_row() -> None:
    calendar = BusinessHoursFactory(
        time_zone="Asia/Tokyo", workdays=[7], opens_at=time(22), closes_at=time(6), holidays=[date(2026, 4, 12)]
    ).calendar

    assert (str(calendar.zone), calendar.workdays, calendar.holidays) == ("Asia/Tokyo", (7,), (date(2026, 4, 12),))
    assert (calendar.opens_at, calendar.closes_at) == (time(22), time(6))
