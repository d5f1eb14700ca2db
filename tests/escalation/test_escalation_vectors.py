"""Cases from other systems' published tests and documents, played through the real engine on a moving clock."""

import json
import os
import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Min

from accounts.actor import MUSTER, Actor
from accounts.models import User
from comms.actions.delivery import deliver_due
from comms.enums import MessageKind, MessageStatus
from comms.models import Message
from core.errors import Refused
from escalation.actions.maintenance import end_maintenance, start_maintenance
from escalation.actions.page import (
    acknowledge_page,
    advance_due_pages,
    note_recurrence,
    ring_next_now,
    stop_pages,
)
from escalation.enums import AttemptOutcome, OverrideKind, PageStatus, UnmetRule
from escalation.models import MaintenanceWindow, Page, PageAttempt, Schedule
from tests.escalation.story import by, start
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory, ContactRuleFactory, ReachableUserFactory
from tests.factories.escalation import (
    BusinessHoursFactory,
    OverrideFactory,
    PolicyFactory,
    PolicyStepFactory,
    ScheduleFactory,
    ServiceFactory,
    StepTargetFactory,
)

FOLDER = Path(os.environ.get("MUSTER_VECTORS", Path(__file__).parent / "vectors"))
CASES = json.loads((FOLDER / "escalation.json").read_text())["cases"]
DECISIONS = json.loads((FOLDER / "decisions.json").read_text())
STATES = {PageStatus.RINGING: "triggered", PageStatus.EXHAUSTED: "triggered", PageStatus.ACKNOWLEDGED: "acknowledged"}
TICK = timedelta(minutes=1)
FOR_EVER = 1000
"""Repeats that outlast any horizon, where a case says “without end”."""


def expectation(case: dict[str, Any]) -> dict[str, Any] | None:
    """The case itself or its first alternative that agrees with our decisions."""
    for choice in (case, *case.get("alternatives", [])):
        decided = {**case.get("decision", {}), **choice.get("decision", {})}
        if all(DECISIONS[key] == value for key, value in decided.items()):
            return choice
    return None


def not_yet(case: dict[str, Any]) -> str:
    """Why a case is not played, or nothing."""
    return "another decision" if expectation(case) is None else ""


PLAYED = [case for case in CASES if not not_yet(case)]
SKIPPED = Counter(reason for case in CASES if (reason := not_yet(case)))


class Stage:
    """One case as rows, and what was rung on it."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.case = case
        self.start = datetime.fromisoformat(case["trigger_utc"]).astimezone(UTC) if "trigger_utc" in case else NOW
        self.people: dict[str, User] = {}
        self.service = ServiceFactory()
        self.windows: list[MaintenanceWindow] = []
        self.policy = PolicyFactory()
        self.set_policy(case["policy"])
        self.pages: dict[str, Page] = {}
        self.newest = ""
        self.is_down = False

    def person(self, name: str) -> User:
        """The same row for the same name; with the case's own rules where it has some."""
        if name not in self.people:
            inactive = name in self.case.get("inactive_users", [])
            self.people[name] = ReachableUserFactory(handle=name.lower(), is_active=not inactive)
            for minute, device in self.case.get("user_rules", {}).get(name, []):
                self.add_rule(name, minute, device)
        return self.people[name]

    def add_rule(self, name: str, minute: float, device: str) -> None:
        """One more rule of this person; each device is an address of its own."""
        address = f"{name.lower()}.{device}@example.org"
        point = ContactPointFactory(user=self.people[name], address=address)
        ContactRuleFactory(contact_point=point, after_seconds=round(60 * minute))

    def schedule(self, name: str) -> Schedule:
        """Who is on call when, as overrides that each last until the next one."""
        schedule = ScheduleFactory(name=name)
        spans = self.case["on_call"].get(name, [])
        ends = [minute for minute, _ in spans[1:]] + [100_000]
        for (minute, people), end in zip(spans, ends, strict=True):
            for user in people:
                OverrideFactory(
                    schedule=schedule,
                    kind=OverrideKind.ADD,
                    user=self.person(user),
                    starts_at=self.start + minute * TICK,
                    ends_at=self.start + end * TICK,
                )
        return schedule

    def set_policy(self, wanted: dict[str, Any]) -> None:
        """Make the rows of the policy what the case says."""
        timeout = wanted.get("ack_timeout_minutes")
        self.policy.steps.all().delete()
        self.policy.repeats = FOR_EVER if wanted.get("repeat", 0) == -1 else wanted.get("repeat", 0)
        # Whoever is silent is asked first, and has half as long again to show life.
        self.policy.silent_after_seconds = 40 * timeout if timeout else None
        self.policy.save()
        for position, step in enumerate(wanted["steps"]):
            how = {"wait_seconds": round(60 * step["delay_minutes"]), **self.condition(step.get("condition", {}))}
            row = PolicyStepFactory(policy=self.policy, position=position, **how)
            for target in step["targets"]:
                if target.startswith("user:"):
                    StepTargetFactory(step=row, user=self.person(target.partition(":")[2]))
                else:
                    StepTargetFactory(step=row, on_call=self.schedule(target))

    @staticmethod
    def condition(wanted: dict[str, Any]) -> dict[str, Any]:
        """A condition of a case; all of them are waited for, as in their source."""
        how: dict[str, Any] = {"if_not_met": UnmetRule.WAIT} if wanted else {}
        if between := wanted.get("only_between_utc"):
            opens_at, closes_at = (time.fromisoformat(text) for text in between)
            every_day = [1, 2, 3, 4, 5, 6, 7]
            how["hours"] = BusinessHoursFactory(
                time_zone="UTC", workdays=every_day, opens_at=opens_at, closes_at=closes_at
            )
        if "more_than_alerts" in wanted:
            how |= {"more_than": wanted["more_than_alerts"], "within_seconds": round(60 * wanted["in_minutes"])}
        return how

    def act(self, event: str, detail: list[Any], now: datetime) -> None:
        """Let one event of the case happen. What is refused changes nothing, as the case expects."""
        page = self.pages.get(self.newest)
        acts: dict[str, Callable[[], Any]] = {
            "trigger": lambda: self.trigger(str(detail[0]) if detail else "alert", now),
            "acknowledge": lambda: acknowledge_page(page, by=self.actor(detail), now=now),
            "escalate": lambda: ring_next_now(page, by=self.actor(detail), now=now),
            "resolve": lambda: stop_pages(page.subject_key, by=MUSTER, now=now, reason="resolved"),
            "maintenance_start": lambda: self.begin_maintenance(now),
            "maintenance_end": lambda: self.end_maintenance(now),
            "engine_down": lambda: setattr(self, "is_down", True),
            "engine_up": lambda: setattr(self, "is_down", False),
            "set_policy": lambda: self.set_policy(detail[0]),
            "add_user_rule": lambda: self.add_rule(detail[0], *flat(detail[1:])),
        }
        with suppress(Refused):
            acts[event]()

    def actor(self, detail: list[Any]) -> Actor:
        """Whom the event names, else Muster itself."""
        return by(self.person(detail[0])) if detail else MUSTER

    def trigger(self, alert: str, now: datetime) -> None:
        """An alert fires: it joins what is open for it, else it begins a page of its own."""
        page = Page.objects.filter(pk=self.pages[alert].pk).first() if alert in self.pages else None
        self.newest = alert
        if page and page.stopped_at is None:
            note_recurrence(page.subject_key, now=now)
            return
        key = f"incident:{alert}"[:80]
        self.pages[alert] = start(policy=self.policy, now=now, subject_key=key, service=self.service, by_machine=True)

    def begin_maintenance(self, now: datetime) -> None:
        """The longest window there is."""
        admin, lasts = by(UserFactory(admin=True)), timedelta(hours=4)
        self.windows.append(start_maintenance([self.service], by=admin, now=now, reason="a case", lasts=lasts))

    def end_maintenance(self, now: datetime) -> None:
        """End the window; what waited for it rings."""
        end_maintenance(self.windows[-1], by=by(UserFactory(admin=True)), now=now)

    def next_due(self) -> datetime | None:
        """When a sweep next has something to do; never while the engine is down."""
        if self.is_down:
            return None
        pages = Page.objects.filter(wake_at__isnull=False).aggregate(least=Min("wake_at"))["least"]
        unsent = Message.objects.unsent().aggregate(least=Min("deliver_after"))["least"]
        return min((moment for moment in (pages, unsent) if moment), default=None)

    def tick(self, now: datetime) -> None:
        """What the worker does at `now`."""
        if not self.is_down:
            advance_due_pages(now=now)
            deliver_due(now=now)

    def rung(self) -> list[list[Any]]:
        """[minute, person, step, pass] of every ring, as the cases write them."""
        names = {user.pk: name for name, user in self.people.items()}
        attempts = PageAttempt.objects.filter(outcome=AttemptOutcome.RUNG, user__isnull=False).order_by("at", "pk")
        return [[(a.at - self.start) / TICK, names[a.user_id], a.step + 1, a.run + 1] for a in attempts if a.user_id]

    def sent(self) -> list[list[Any]]:
        """[minute, person, device] of every page that left."""
        names = {user.pk: name for name, user in self.people.items()}
        rows = Message.objects.filter(kind=MessageKind.PAGE, status=MessageStatus.SENT).order_by("sent_at", "pk")
        device = re.compile(r"\.(\w+)@")
        return [[(m.sent_at - self.start) / TICK, names[m.user_id], device.search(m.address)[1]] for m in rows]

    def state(self) -> str:
        """What the case calls the state of its newest incident."""
        page = self.pages[self.newest]
        page.refresh_from_db()
        return "resolved" if page.stopped_at else STATES.get(PageStatus(page.status), "resolved")


def flat(detail: list[Any]) -> tuple[float, str]:
    """(minutes, device) of a rule, however a case nests them."""
    minute, device = detail[0] if len(detail) == 1 else detail
    return minute, device


def play(case: dict[str, Any]) -> Stage:
    """Let the case happen on a moving clock, every moment at which something is due; what was is on the stage."""
    stage = Stage(case)
    states = [[minute, "expect", state] for minute, state in case.get("expected_states", [])]
    coming = sorted([*case["events"], *states], key=lambda event: event[0])
    end = stage.start + case["horizon_minutes"] * TICK
    while True:
        due, event_at = stage.next_due(), stage.start + coming[0][0] * TICK if coming else None
        now = min((moment for moment in (due, event_at) if moment), default=None)
        if now is None or now > end:
            return stage
        stage.tick(now)
        while coming and stage.start + coming[0][0] * TICK <= now:
            _, event, *detail = coming.pop(0)
            if event == "expect":
                assert stage.state() == detail[0]
            else:
                stage.act(event, detail, now)
        stage.tick(now)


def agree(done: list[list[Any]], expected: list[list[Any]]) -> bool:
    """Whether the same happened, never early and never more than a minute late."""
    same = [row[1:] for row in done] == [row[1:] for row in expected]
    return same and all(0 <= ours[0] - theirs[0] <= 1 for ours, theirs in zip(done, expected, strict=True))


@pytest.mark.django_db
@pytest.mark.parametrize("case", PLAYED, ids=[case["id"] for case in PLAYED])
def test_whom_the_engine_rings_when_is_what_the_case_says(case: dict[str, Any]) -> None:
    choice = expectation(case)
    assert choice is not None

    stage = play(case)

    expected = choice["expected_notifications"]
    if "user_rules" in case:
        wanted = sorted([minute, name, device] for minute, name, _, _, device in expected)
        assert agree(sorted(stage.sent()), wanted), stage.sent()
    else:
        assert agree(stage.rung(), [row[:4] for row in expected]), stage.rung()


def test_every_case_is_played_or_skipped_for_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nescalation.json: {len(PLAYED)} of {len(CASES)} played; skipped: {dict(SKIPPED.most_common())}")  # noqa: T201
    assert len(PLAYED) + SKIPPED.total() == len(CASES)
