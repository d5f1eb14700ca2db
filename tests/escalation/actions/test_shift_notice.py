"""Before a shift begins, when it begins and when it is over its people are told, once, and nobody of the past."""

from datetime import datetime, timedelta

import pytest
import time_machine

from accounts.models import User
from comms.models import EngineTick, Message
from escalation.actions.schedule import add_override, set_schedule
from escalation.actions.shift_notice import LOOK_AGAIN, SWEEP, notice_shifts
from escalation.enums import ShiftUnit
from escalation.models import Override, Schedule
from escalation.tasks import notice_shifts_task
from tests.escalation.story import by, start
from tests.factories import NOW
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import (
    PageFactory,
    PolicyStepFactory,
    RotationFactory,
    StepTargetFactory,
    make_schedule,
)

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HAND_OFF = datetime.fromisoformat("2026-04-20T09:00+02:00")  # Monday; from Jens to Ana


@pytest.fixture
def jens() -> User:
    """On call until the hand-off."""
    return ReachableUserFactory(handle="jens", time_zone="Europe/Berlin")


@pytest.fixture
def ana() -> User:
    """On call from the hand-off on, for a week."""
    return ReachableUserFactory(handle="ana", time_zone="America/New_York")


@pytest.fixture
def platform(jens: User, ana: User) -> Schedule:
    """Ana and Jens take weekly turns."""
    return make_schedule(ana, jens, name="Platform", slug="platform")


def told(since: datetime = NOW) -> list[tuple[str, str, str]]:
    """(@handle, subject, body) of everything that was said from `since` on, by handle."""
    rows = Message.objects.filter(created_at__gte=since).select_related("user").order_by("user__handle", "pk")
    return [(str(row.user), row.subject, row.body) for row in rows if row.user]


def run(begin: datetime, until: datetime, every: timedelta = MINUTE) -> list[tuple[datetime, str, str]]:
    """Ring the sweep from `begin` until `until`; (moment, @handle, subject) of what was said, as it was said."""
    said = []
    while begin <= until:
        notice_shifts(now=begin)
        said += [(begin, handle, subject) for handle, subject, _ in told(begin)]
        begin += every
    return said


def test_a_shift_is_announced_a_day_and_an_hour_before_and_handed_over(jens, ana, platform) -> None:
    assert run(HAND_OFF - 25 * HOUR, HAND_OFF + HOUR, HOUR / 2) == [
        (HAND_OFF - 24 * HOUR, "@ana", "From Mon 20 Apr 03:00 EDT you are on call in Platform"),
        (HAND_OFF - HOUR, "@ana", "From Mon 20 Apr 03:00 EDT you are on call in Platform"),
        (HAND_OFF, "@ana", "You are on call in Platform until Mon 27 Apr 03:00 EDT"),
        (HAND_OFF, "@jens", "Your shift in Platform is over"),
    ]


def test_the_hand_over_says_who_was_before_who_is_there_and_what_rings(jens, ana, platform) -> None:
    mira, gone = UserFactory(handle="mira"), UserFactory(is_active=False)
    RotationFactory(schedule=platform, people=[mira])
    RotationFactory(schedule=platform, people=[gone])
    step = PolicyStepFactory()
    StepTargetFactory(step=step, on_call=platform)
    start(policy=step.policy, subject="[SEV2] Pipeline blocks spiking")
    private = start(policy=step.policy, subject_key="other", subject="A secret")
    private.audience = AudienceFactory()
    private.save()
    PageFactory(subject="Rings others")

    notice_shifts(now=HAND_OFF)

    assert [row.facts for row in Message.objects.filter(user=ana)] == [{"about": ["incident:INC-1"]}]
    assert [(handle, body) for handle, _, body in told(HAND_OFF)] == [
        (
            "@ana",
            "Before you: @jens, @mira.\n\nOn call with you: @mira.\n\nRinging now:\n- [SEV2] Pipeline blocks spiking",
        ),
        ("@jens", "On call now: @ana, @mira."),
    ]


def test_with_whom_one_is_on_call_and_nobody_are_said(jens, ana, platform) -> None:
    extra = {"starts_at": HAND_OFF + HOUR, "ends_at": HAND_OFF + 5 * HOUR}
    add_override(Override(schedule=platform, kind="add", user=jens, **extra), by=by(jens), now=NOW)
    platform.rotations.update(ends_at=HAND_OFF + 5 * HOUR)

    notice_shifts(now=HAND_OFF + HOUR)
    assert [(handle, body) for handle, _, body in told(HAND_OFF + HOUR)] == [
        ("@jens", "Before you: @ana.\n\nOn call with you: @ana."),
    ]
    notice_shifts(now=HAND_OFF + 5 * HOUR)
    assert [body for _, _, body in told(HAND_OFF + 5 * HOUR)] == ["On call now: nobody."] * 2


def test_an_hourly_rotation_is_not_handed_over_with_words_every_hour(jens, ana) -> None:
    hourly = make_schedule(name="Hourly")
    RotationFactory(schedule=hourly, unit=ShiftUnit.HOURS, length=1, people=[jens, ana])
    Schedule.objects.update(notices="")

    assert run(HAND_OFF - 3 * HOUR, HAND_OFF + 3 * HOUR, 10 * MINUTE) == []


def test_a_schedule_says_how_long_before_or_not_at_all(jens, ana, platform) -> None:
    Schedule.objects.update(notices="")
    assert run(HAND_OFF - 25 * HOUR, HAND_OFF - MINUTE, HOUR / 2) == []
    Schedule.objects.update(notices="2 days, 30 min", notice_at=None)
    assert [moment for moment, *_ in run(HAND_OFF - 49 * HOUR, HAND_OFF - MINUTE, HOUR / 2)] == [
        HAND_OFF - 48 * HOUR,
        HAND_OFF - 30 * MINUTE,
    ]


def test_the_sweep_sleeps_until_the_next_notice_or_ten_minutes(jens, ana, platform) -> None:
    assert notice_shifts(now=HAND_OFF - 2 * HOUR) == 1
    platform.refresh_from_db()
    assert platform.notice_at == HAND_OFF - 2 * HOUR + LOOK_AGAIN
    assert notice_shifts(now=HAND_OFF - 2 * HOUR + MINUTE) == 0
    notice_shifts(now=HAND_OFF - 4 * MINUTE)
    platform.refresh_from_db()
    assert platform.notice_at == HAND_OFF


def test_a_change_of_the_shifts_wakes_the_sweep(jens, ana, platform) -> None:
    notice_shifts(now=NOW)
    span = {"starts_at": NOW + 2 * MINUTE, "ends_at": NOW + 5 * HOUR}
    add_override(Override(schedule=platform, user=ana, **span), by=by(ana), now=NOW + MINUTE)

    assert run(NOW + 90 * timedelta(seconds=1), NOW + 2 * MINUTE, MINUTE / 2) == [
        (NOW + 2 * MINUTE, "@ana", "You are on call in Platform until Sat 18 Apr 13:23 EDT"),
        (NOW + 2 * MINUTE, "@jens", "Your shift in Platform is over"),
    ]


def test_an_engine_that_stood_still_for_ten_minutes_catches_up_and_for_a_day_says_nothing_old(
    jens, ana, platform
) -> None:
    notice_shifts(now=HAND_OFF - 5 * MINUTE)
    assert [subject for _, _, subject in run(HAND_OFF + 5 * MINUTE, HAND_OFF + 6 * MINUTE)] == [
        "You are on call in Platform until Mon 27 Apr 03:00 EDT",
        "Your shift in Platform is over",
    ]
    assert run(HAND_OFF + DAY, HAND_OFF + DAY + MINUTE) == []


def test_what_was_said_is_not_said_again(jens, ana, platform) -> None:
    for _ in range(2):
        Schedule.objects.update(notice_at=None)
        notice_shifts(now=HAND_OFF)

    assert Message.objects.values("dedup_key").distinct().count() == Message.objects.count() == 2


def test_an_announcement_that_came_too_late_is_left_out(jens, ana, platform) -> None:
    Schedule.objects.update(notices="5 min")

    notice_shifts(now=HAND_OFF)

    assert [subject for _, subject, _ in told()] == [
        "You are on call in Platform until Mon 27 Apr 03:00 EDT",
        "Your shift in Platform is over",
    ]


def test_the_only_person_of_a_rotation_is_never_handed_over_to_themselves(ana) -> None:
    make_schedule(ana)

    assert run(HAND_OFF - 2 * HOUR, HAND_OFF + 7 * DAY, HOUR / 2) == []


def test_one_schedule_that_fails_stops_no_other(jens, ana, platform, monkeypatch, caplog) -> None:
    other = make_schedule(ana, jens, name="Payments")
    true_name = Schedule.leads

    def fails(schedule: Schedule) -> list[timedelta]:
        if schedule == platform:
            raise RuntimeError("it broke")
        return true_name.fget(schedule)  # type: ignore[attr-defined]

    monkeypatch.setattr(Schedule, "leads", property(fails))
    assert notice_shifts(now=HAND_OFF) == 1

    platform.refresh_from_db()
    other.refresh_from_db()
    assert platform.notice_at == HAND_OFF + MINUTE
    assert other.notice_at == HAND_OFF + LOOK_AGAIN
    assert len(told()) == 2
    assert "could not be noticed" in caplog.text


def test_what_makes_no_duration_is_refused(platform) -> None:
    for wrong, sentence in (("24 hours, soon", "is not a duration"), ("31 days", "31 days is longer than 30 days")):
        platform.notices = wrong
        with pytest.raises(Exception, match=sentence):
            set_schedule(platform, by=by(UserFactory(admin=True)), now=NOW)


def test_the_task_says_what_is_due_now(jens, ana, platform) -> None:
    with time_machine.travel(HAND_OFF, tick=False):
        assert notice_shifts_task() == 1

    assert EngineTick.objects.get(sweep=SWEEP).ticked_at == HAND_OFF
    assert len(told()) == 2
