"""Plan B by mail: a sheet whenever the last one is no longer true, at most one an hour."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import settings as django_settings

from accounts.models import User
from comms.enums import MessageStatus
from comms.models import EngineTick, Message
from core.errors import InvalidInput, NotAllowed
from escalation.actions.plan_b import (
    SWEEP,
    ask_for_plan_b,
    mail_plan_b,
    remove_plan_b_reader,
    set_plan_b_reader,
    stop_plan_b,
)
from escalation.models import PlanBReader, PlanBSheet, RoleContact, Schedule
from escalation.tasks import mail_plan_b_task
from tests.escalation.story import by
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory, SubscriptionFactory
from tests.factories.escalation import (
    OverrideFactory,
    PlanBReaderFactory,
    PlanBSheetFactory,
    RoleContactFactory,
    make_schedule,
)

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def berlin(settings: object) -> None:
    """The organisation's zone."""
    settings.TIME_ZONE = "Europe/Berlin"  # type: ignore[attr-defined]


@pytest.fixture
def jens() -> User:
    """On call until Monday."""
    return UserFactory(handle="jens", name="Jens Albrecht", phone="+491701234567")


@pytest.fixture
def platform(jens: User) -> Schedule:
    """Ana, who has no number, has the turn after Jens."""
    return make_schedule(UserFactory(handle="ana", name="Ana Sousa"), jens, name="Platform")


@pytest.fixture
def reader() -> User:
    """Somebody who asked for it."""
    reader = ReachableUserFactory(handle="mira", admin=True)
    PlanBReaderFactory(user=reader)
    return reader


def mailed(since: datetime = NOW) -> list[tuple[str, str]]:
    """(to whom, subject) of what was written from `since` on."""
    rows = Message.objects.filter(created_at__gte=since).order_by("pk").select_related("user", "subscription")
    return [(str(row.user or row.subscription), row.subject) for row in rows]


def test_the_first_sheet_says_contacts_shifts_and_numbers(jens, platform, reader) -> None:
    RoleContactFactory(role="Lead", person=jens, method="Phone tree", respond_within="15 min")
    RoleContactFactory(role="On-call engineer", schedule=platform, method="", respond_within="")
    RoleContactFactory(role="Host", outside="Support +49 30 1234", method="", respond_within="30 min")

    assert mail_plan_b(now=NOW) == 1

    assert mailed() == [("@mira", "Plan B: the next 7 days")]
    message = Message.objects.get()
    assert message.link == f"{django_settings.MUSTER_URL}/contacts/plan-b/"
    assert message.body.split("\n\n") == [
        "Plan B from 2026-04-18 14:23 CEST to 2026-04-25 14:23 CEST. Times are Europe/Berlin.",
        "CONTACTS\n"
        "- Lead: Jens Albrecht +491701234567; Phone tree; answers within 15 min\n"
        "- On-call engineer: on call in Platform\n"
        "- Host: Support +49 30 1234; answers within 30 min",
        "ON CALL IN PLATFORM\n"
        "- Sat 18 Apr 14:23 CEST to Mon 20 Apr 09:00 CEST: Jens Albrecht +491701234567\n"
        "- Mon 20 Apr 09:00 CEST to Sat 25 Apr 14:23 CEST: Ana Sousa (no number)",
    ]


def test_that_the_days_go_by_is_no_change_but_a_fresh_sheet_comes_before_the_last_one_ends(
    jens, platform, reader
) -> None:
    mail_plan_b(now=NOW)

    quiet = [NOW + HOUR, NOW + 2 * DAY, NOW + 3 * DAY, NOW + 6 * DAY - HOUR]
    assert [mail_plan_b(now=moment) for moment in quiet] == [0, 0, 0, 0]
    assert mail_plan_b(now=NOW + 6 * DAY) == 1

    last = Message.objects.order_by("-pk")[0]
    assert last.subject == "Plan B: the next 7 days"
    assert last.body.startswith("Nothing of the last sheet has changed.\n\nPlan B from 2026-04-24 14:23 CEST")


def test_an_override_is_said_line_by_line(jens, platform, reader) -> None:
    mail_plan_b(now=NOW)
    OverrideFactory(schedule=platform, user=jens, starts_at=NOW + 3 * DAY, ends_at=NOW + 4 * DAY)

    assert mail_plan_b(now=NOW + 2 * HOUR) == 1

    last = Message.objects.order_by("-pk")[0]
    assert last.subject == "Plan B has changed: 4 lines"
    assert last.body.split("\n\n")[0].splitlines() == [
        "What changed:",
        "- no longer: Platform, Mon 20 Apr 09:00 CEST to Sat 25 Apr 14:23 CEST: Ana Sousa (no number)",
        "- new: Platform, Mon 20 Apr 09:00 CEST to Tue 21 Apr 14:23 CEST: Ana Sousa (no number)",
        "- new: Platform, Tue 21 Apr 14:23 CEST to Wed 22 Apr 14:23 CEST: Jens Albrecht +491701234567",
        "- new: Platform, Wed 22 Apr 14:23 CEST to Sat 25 Apr 14:23 CEST: Ana Sousa (no number)",
    ]


def test_a_new_number_and_a_contact_that_is_gone_are_changes(jens, platform, reader) -> None:
    RoleContactFactory(role="Lead", person=jens, method="", respond_within="")
    mail_plan_b(now=NOW)
    User.objects.filter(pk=jens.pk).update(phone="+491709999999")
    assert mail_plan_b(now=NOW + 2 * HOUR) == 1
    RoleContact.objects.all().delete()
    assert mail_plan_b(now=NOW + 4 * HOUR) == 1

    first, second = (message.body.split("\n\n")[0] for message in Message.objects.order_by("pk")[1:])
    assert "- new: Lead: Jens Albrecht +491709999999" in first
    assert second == "What changed:\n- no longer: Lead: Jens Albrecht +491709999999"


def test_at_most_one_sheet_an_hour_and_what_came_meanwhile_is_in_the_next(jens, platform, reader) -> None:
    mail_plan_b(now=NOW)
    RoleContactFactory(role="Lead", person=jens)
    assert mail_plan_b(now=NOW + HOUR - timedelta(seconds=1)) == 0
    assert mail_plan_b(now=NOW + HOUR) == 1
    assert mail_plan_b(now=NOW + HOUR) == 0
    assert PlanBSheet.objects.count() == 2


def test_a_change_beyond_what_the_last_sheet_covers_waits_for_the_next(jens, platform, reader) -> None:
    mail_plan_b(now=NOW)
    OverrideFactory(schedule=platform, user=jens, starts_at=NOW + 8 * DAY, ends_at=NOW + 9 * DAY)

    assert mail_plan_b(now=NOW + 2 * DAY) == 0


def test_nobody_reads_nothing_is_kept(jens, platform) -> None:
    PlanBReaderFactory(user=UserFactory(is_active=False))

    assert mail_plan_b(now=NOW) == 0
    assert not PlanBSheet.objects.exists()


def test_who_asks_later_gets_the_sheet_at_once_and_once(jens, platform, reader) -> None:
    liv = ReachableUserFactory(handle="liv")
    ask_for_plan_b(by=by(liv), now=NOW)
    assert mailed() == []  # the sweep sends the first one
    assert mail_plan_b(now=NOW) == 2
    tomas = ReachableUserFactory(handle="tomas")

    for _ in range(2):
        ask_for_plan_b(by=by(tomas), now=NOW + HOUR)
    stop_plan_b(by=by(liv), now=NOW + HOUR)
    stop_plan_b(by=by(liv), now=NOW + HOUR)

    assert mailed(NOW + HOUR) == [("@tomas", "Plan B: the next 7 days")]
    assert [str(one) for one in PlanBReader.objects.all()] == ["@mira", "@tomas"]
    with pytest.raises(NotAllowed, match="Only a responder"):
        ask_for_plan_b(by=by(UserFactory(viewer=True)), now=NOW)


def test_a_standing_channel_is_set_by_an_admin_alone(jens, platform, reader) -> None:
    channel = SubscriptionFactory(name="on-call", kinds=["notice"])
    with pytest.raises(NotAllowed):
        set_plan_b_reader(PlanBReader(subscription=channel), by=by(jens), now=NOW)
    with pytest.raises(InvalidInput, match="either which person"):
        set_plan_b_reader(PlanBReader(subscription=channel, user=jens), by=by(reader), now=NOW)
    kept = set_plan_b_reader(PlanBReader(subscription=channel), by=by(reader), now=NOW)

    assert mail_plan_b(now=NOW) == 2
    assert ("on-call", "Plan B: the next 7 days") in mailed()
    assert Message.objects.filter(status=MessageStatus.WAITING).count() == 2
    with pytest.raises(NotAllowed):
        remove_plan_b_reader(kept, by=by(jens), now=NOW)
    remove_plan_b_reader(kept, by=by(reader), now=NOW)
    assert PlanBReader.objects.count() == 1


def test_a_mail_that_breaks_keeps_no_sheet(jens, platform, reader, monkeypatch) -> None:
    def fails(**_: object) -> None:
        raise RuntimeError("the second write broke")

    monkeypatch.setattr("escalation.actions.plan_b.queue_message", fails)
    with pytest.raises(RuntimeError):
        mail_plan_b(now=NOW)

    assert not PlanBSheet.objects.exists()


def test_the_task_mails_what_is_due_now(platform, reader) -> None:
    PlanBSheetFactory(made_at=NOW - DAY)

    with time_machine.travel(NOW, tick=False):
        assert mail_plan_b_task() == 1
    assert EngineTick.objects.get(sweep=SWEEP).ticked_at == NOW
