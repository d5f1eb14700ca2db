"""What can break, who is on call, whom to ring, and pages that ring."""

import hashlib
from datetime import date, time, timedelta
from typing import Any

import factory

from accounts.enums import Via
from accounts.models import User
from escalation.enums import (
    AnswerKind,
    AttemptOutcome,
    IncomingOutcome,
    OverrideKind,
    PageStatus,
    ShiftUnit,
    TargetKind,
)
from escalation.models import (
    BusinessHours,
    CalendarFeed,
    CalendarSource,
    FixedLayer,
    FixedShift,
    IncomingAnswer,
    MaintenanceWindow,
    Override,
    Page,
    PageAnswer,
    PageAttempt,
    PageHold,
    PageRecurrence,
    PlanBReader,
    PlanBSheet,
    Policy,
    PolicyStep,
    RoleContact,
    Rotation,
    RotationMember,
    Schedule,
    Service,
    ShiftSwap,
    SignOfLife,
    StepTarget,
    TemporarySchedule,
)
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.rows import RowFactory


class BusinessHoursFactory(RowFactory[BusinessHours]):
    """A desk in Berlin, Monday to Friday from 09:00 to 17:00, without holidays."""

    class Meta:
        model = BusinessHours

    slug = factory.Sequence(lambda number: f"desk-{number}")
    name = factory.LazyAttribute(lambda hours: hours.slug.replace("-", " ").capitalize())
    time_zone = "Europe/Berlin"


class ScheduleFactory(RowFactory[Schedule]):
    """A schedule in Berlin with no rotation yet: nobody is on call."""

    class Meta:
        model = Schedule

    slug = factory.Sequence(lambda number: f"schedule-{number}")
    name = factory.LazyAttribute(lambda schedule: schedule.slug.replace("-", " ").capitalize())
    time_zone = "Europe/Berlin"


class RotationFactory(RowFactory[Rotation]):
    """Weekly turns from Monday 6 April 2026, 09:00; `RotationFactory(people=[ana, jens])` gives the places."""

    class Meta:
        model = Rotation

    schedule = factory.SubFactory(ScheduleFactory)
    unit = ShiftUnit.WEEKS
    length = 1
    starts_on = date(2026, 4, 6)
    hands_off_at = time(9, 0)

    @factory.post_generation
    def people(self, create: bool, extracted: list[User] | None, **_: Any) -> None:
        """Who takes turns, in this order."""
        for position, user in enumerate(extracted or () if create else ()):
            RotationMemberFactory(rotation=self, user=user, position=position)


class RotationMemberFactory(RowFactory[RotationMember]):
    """The first place of a rotation."""

    class Meta:
        model = RotationMember

    rotation = factory.SubFactory(RotationFactory)
    user = factory.SubFactory(UserFactory)
    position = 0


class FixedLayerFactory(RowFactory[FixedLayer]):
    """A layer of single shifts, without any yet."""

    class Meta:
        model = FixedLayer

    schedule = factory.SubFactory(ScheduleFactory)
    name = "Single shifts"


class TemporaryScheduleFactory(RowFactory[TemporarySchedule]):
    """Nobody is on call for the two hours around NOW, unless it gets shifts."""

    class Meta:
        model = TemporarySchedule

    schedule = factory.SubFactory(ScheduleFactory)
    name = "Move"
    starts_at = NOW - timedelta(hours=1)
    ends_at = NOW + timedelta(hours=1)
    created_at = NOW - timedelta(days=1)
    created_by = factory.SubFactory(UserFactory)


class FixedShiftFactory(RowFactory[FixedShift]):
    """One person for the two hours around NOW, in a layer; `FixedShiftFactory(temporary=…, layer=None)` elsewhere."""

    class Meta:
        model = FixedShift

    layer = factory.SubFactory(FixedLayerFactory)
    user = factory.SubFactory(UserFactory)
    starts_at = NOW - timedelta(hours=1)
    ends_at = NOW + timedelta(hours=1)


class CalendarFeedFactory(RowFactory[CalendarFeed]):
    """A feed of all shifts of a person. Its address is `<prefix>-<secret>` with the secret given as a parameter."""

    class Meta:
        model = CalendarFeed

    class Params:
        secret = "only-a-test-knows-it"

    user = factory.SubFactory(UserFactory)
    prefix = factory.Sequence(lambda number: f"feed{number:06d}")
    digest = factory.LazyAttribute(lambda feed: hashlib.sha256(feed.secret.encode()).hexdigest())
    created_at = NOW


class CalendarSourceFactory(RowFactory[CalendarSource]):
    """A file that was read yesterday; `CalendarSourceFactory(url="https://…", wake_at=NOW)` is due."""

    class Meta:
        model = CalendarSource

    layer = factory.SubFactory(FixedLayerFactory, name="Imported")
    time_zone = "Europe/Berlin"
    text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nEND:VCALENDAR\r\n"
    created_at = NOW - timedelta(days=1)
    created_by = factory.SubFactory(UserFactory)
    read_at = NOW - timedelta(days=1)


class OverrideFactory(RowFactory[Override]):
    """Somebody covers for the two hours around NOW."""

    class Meta:
        model = Override

    schedule = factory.SubFactory(ScheduleFactory)
    kind = OverrideKind.COVER
    user = factory.SubFactory(UserFactory)
    starts_at = NOW - timedelta(hours=1)
    ends_at = NOW + timedelta(hours=1)
    created_at = NOW - timedelta(days=1)
    created_by = factory.SubFactory(UserFactory)


class ShiftSwapFactory(RowFactory[ShiftSwap]):
    """Somebody asked at NOW for a swap of a day that begins two days later; whether it is their shift, nobody looks.

    `taken=True` and `cancelled=True` for how it ended.
    """

    class Meta:
        model = ShiftSwap

    class Params:
        taken = factory.Trait(
            taken_at=NOW,
            taken_by=factory.SubFactory(UserFactory),
            override=factory.SubFactory(OverrideFactory, schedule=factory.SelfAttribute("..schedule")),
            wake_at=None,
        )
        cancelled = factory.Trait(cancelled_at=NOW, cancelled_by=factory.SelfAttribute("asked_by"), wake_at=None)

    ref = factory.Sequence(lambda number: f"sw{number:06d}")
    schedule = factory.SubFactory(ScheduleFactory)
    asked_at = NOW
    asked_by = factory.SubFactory(UserFactory)
    starts_at = factory.LazyAttribute(lambda swap: swap.asked_at + timedelta(days=2))
    ends_at = factory.LazyAttribute(lambda swap: swap.starts_at + timedelta(days=1))
    wake_at = factory.LazyAttribute(lambda swap: swap.asked_at + timedelta(days=1))


class RoleContactFactory(RowFactory[RoleContact]):
    """A person by name who answers within ten minutes; `schedule=` or `outside=` for the other two kinds."""

    class Meta:
        model = RoleContact

    role = "Engineering lead"
    schedule = None
    outside = ""
    person = factory.Maybe(
        factory.LazyAttribute(lambda contact: bool(contact.schedule or contact.outside)),
        yes_declaration=None,
        no_declaration=factory.SubFactory(UserFactory),
    )
    method = "Muster, then phone"
    respond_within = "10 min"
    position = factory.Sequence(int)


class PlanBReaderFactory(RowFactory[PlanBReader]):
    """A responder who asked for plan B by mail."""

    class Meta:
        model = PlanBReader

    user = factory.SubFactory(UserFactory)
    asked_at = NOW
    asked_by = factory.SelfAttribute("user")


class PlanBSheetFactory(RowFactory[PlanBSheet]):
    """An empty sheet that was mailed at NOW."""

    class Meta:
        model = PlanBSheet

    made_at = NOW
    covers_until = factory.LazyAttribute(lambda sheet: sheet.made_at + timedelta(days=7))
    content = factory.LazyFunction(lambda: {"contacts": [], "shifts": []})
    digest = "0" * 64


class PolicyFactory(RowFactory[Policy]):
    """A policy with no step yet; `make_policy` makes one that rings."""

    class Meta:
        model = Policy

    slug = factory.Sequence(lambda number: f"policy-{number}")
    name = factory.LazyAttribute(lambda policy: policy.slug.replace("-", " ").capitalize())


class PolicyStepFactory(RowFactory[PolicyStep]):
    """The first step of a policy, without targets."""

    class Meta:
        model = PolicyStep

    policy = factory.SubFactory(PolicyFactory)
    position = 0


class StepTargetFactory(RowFactory[StepTarget]):
    """A step that rings one person; `StepTargetFactory(on_call=schedule)` rings who is on call there."""

    class Meta:
        model = StepTarget

    class Params:
        on_call = None

    step = factory.SubFactory(PolicyStepFactory)
    kind = factory.LazyAttribute(lambda target: TargetKind.ON_CALL if target.on_call else TargetKind.PERSON)
    schedule = factory.SelfAttribute("on_call")
    user = factory.Maybe("on_call", yes_declaration=None, no_declaration=factory.SubFactory(UserFactory))


class ServiceFactory(RowFactory[Service]):
    """Something that can break; its policy is given by whoever needs one."""

    class Meta:
        model = Service

    slug = factory.Sequence(lambda number: f"service-{number}")
    name = factory.LazyAttribute(lambda service: service.slug.replace("-", " ").capitalize())


class MaintenanceWindowFactory(RowFactory[MaintenanceWindow]):
    """An hour from NOW on; `MaintenanceWindowFactory(services=[pipeline])` says what is worked on."""

    class Meta:
        model = MaintenanceWindow

    starts_at = NOW
    ends_at = factory.LazyAttribute(lambda window: window.starts_at + timedelta(hours=1))
    reason = "Moving the database"
    created_at = factory.SelfAttribute("starts_at")
    created_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def services(self, create: bool, extracted: list[Service] | None, **_: Any) -> None:
        """What is worked on."""
        if create and extracted:
            self.services.set(extracted)


class PageFactory(RowFactory[Page]):
    """A page that rings one person at its only step and looks again five minutes after NOW.

    `acknowledged=True` and `stopped=True` for how it ended.
    """

    class Meta:
        model = Page

    class Params:
        acknowledged = factory.Trait(
            status=PageStatus.ACKNOWLEDGED,
            wake_at=None,
            acknowledged_at=NOW,
            acknowledged_by=factory.SubFactory(UserFactory),
        )
        stopped = factory.Trait(
            status=PageStatus.STOPPED, wake_at=None, stopped_at=NOW, stop_reason="It was resolved."
        )

    ref = factory.Sequence(lambda number: f"pg{number:06d}")
    group = "platform primary"
    snapshot = factory.LazyFunction(dict)
    subject_key = factory.Sequence(lambda number: f"test:{number}")
    subject = "[SEV2] Pipeline blocks spiking"
    link = "/"
    level_name = "SEV2"
    level_rank = 2
    status = PageStatus.RINGING
    started_at = NOW
    wake_at = factory.LazyAttribute(lambda page: page.started_at + timedelta(minutes=5))


class PageHoldFactory(RowFactory[PageHold]):
    """Maintenance holds a page for an hour from NOW on."""

    class Meta:
        model = PageHold

    page = factory.SubFactory(PageFactory)
    held_at = NOW
    until = factory.LazyAttribute(lambda hold: hold.held_at + timedelta(hours=1))


class PageAttemptFactory(RowFactory[PageAttempt]):
    """One person was rung by the first step."""

    class Meta:
        model = PageAttempt

    page = factory.SubFactory(PageFactory)
    run = 0
    step = 0
    user = factory.SubFactory(UserFactory)
    outcome = AttemptOutcome.RUNG
    source = "named in the step"
    at = NOW


class PageRecurrenceFactory(RowFactory[PageRecurrence]):
    """It came up again at NOW."""

    class Meta:
        model = PageRecurrence

    page = factory.SubFactory(PageFactory)
    at = NOW


class SignOfLifeFactory(RowFactory[SignOfLife]):
    """Somebody acted at NOW for a subject of its own."""

    class Meta:
        model = SignOfLife

    subject_key = factory.Sequence(lambda number: f"test:{number}")
    at = NOW


class PageAnswerFactory(RowFactory[PageAnswer]):
    """One person is on it."""

    class Meta:
        model = PageAnswer

    page = factory.SubFactory(PageFactory)
    user = factory.SubFactory(UserFactory)
    kind = AnswerKind.ACKNOWLEDGED
    via = Via.WEB
    at = NOW


class IncomingAnswerFactory(RowFactory[IncomingAnswer]):
    """An SMS that answered a page."""

    class Meta:
        model = IncomingAnswer

    key = factory.Sequence(lambda number: f"test:{number}")
    via = Via.SMS
    sender = "+491701234567"
    text = "ack"
    meaning = "on it"
    user = factory.SubFactory(UserFactory)
    page = factory.SubFactory(PageFactory)
    outcome = IncomingOutcome.ANSWERED
    reply = "You have it."
    at = NOW


def make_schedule(*people: User, **fields: Any) -> Schedule:
    """A schedule in which `people` take weekly turns; the second is on call at NOW, when there are two."""
    schedule = ScheduleFactory(**fields)
    RotationFactory(schedule=schedule, people=list(people))
    return schedule


def make_policy(*people: User, wait_seconds: int | None = None, **fields: Any) -> Policy:
    """A policy that rings `people` one after the other, one step each."""
    policy = PolicyFactory(**fields)
    for position, user in enumerate(people):
        step = PolicyStepFactory(policy=policy, position=position, wait_seconds=wait_seconds)
        StepTargetFactory(step=step, user=user)
    return policy
