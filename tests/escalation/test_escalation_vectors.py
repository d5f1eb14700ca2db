"""Cases from other systems' published tests and documents, played through the real engine on a moving clock."""

import json
import os
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.actor import MUSTER
from accounts.models import User
from comms.actions.delivery import deliver_due
from comms.enums import MessageStatus
from comms.models import ContactPoint, Message
from core.errors import WrongState
from escalation.actions.maintenance import end_maintenance, start_maintenance
from escalation.actions.page import acknowledge_page, advance_due_pages, ring_next_now, stop_pages
from escalation.enums import AttemptOutcome, OverrideKind, PageStatus
from escalation.models import MaintenanceWindow, Page, PageAttempt, Policy, Schedule
from tests.escalation.story import by, start
from tests.factories import NOW
from tests.factories.accounts import ActorFactory
from tests.factories.comms import ContactRuleFactory, ReachableUserFactory
from tests.factories.escalation import (
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
HOUR = timedelta(hours=1)
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
    """Which shape of the case is not built here, or nothing."""
    names = {event for _, event, *_ in case["events"]}
    triggers = [event for event in case["events"] if event[1] == "trigger"]
    reasons = [
        ("another decision", expectation(case) is None),
        ("silent after an acknowledgement", "ack_timeout_minutes" in case["policy"]),
        ("conditions of a step", any("condition" in step for step in case["policy"]["steps"])),
        ("a changed policy", bool(names & {"set_policy", "add_user_rule"})),
        # Whether an alert joins what is open is the alert inlet's question; a page is started once.
        ("alerts that join", len(triggers) > 1 and not names & {"resolve", "maintenance_start"}),
    ]
    return next((reason for reason, applies in reasons if applies), "")


PLAYED = [case for case in CASES if not not_yet(case)]
SKIPPED = Counter(reason for case in CASES if (reason := not_yet(case)))


class Stage:
    """One case as rows, and what was rung on it."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.case = case
        self.start = datetime.fromisoformat(case["trigger_utc"]).astimezone(UTC) if "trigger_utc" in case else NOW
        self.people: dict[str, User] = {}
        self.policy = self.make_policy()
        self.service = ServiceFactory()
        self.pages: list[Page] = []
        self.windows: list[MaintenanceWindow] = []
        self.engine_runs = True

    def person(self, name: str) -> User:
        """The same row for the same name; with the case's own rules where it has some."""
        if name not in self.people:
            inactive = name in self.case.get("inactive_users", [])
            self.people[name] = ReachableUserFactory(handle=name.lower(), is_active=not inactive)
            if rules := self.case.get("user_rules", {}).get(name):
                for minute, device in rules:
                    ContactRuleFactory(
                        contact_point__user=self.people[name],
                        contact_point__address=f"{name}.{device}@example.org",
                        after_seconds=60 * minute,
                    )
        return self.people[name]

    def schedule(self, name: str) -> Schedule:
        """Who is on call when, as overrides that each last until the next one."""
        schedule = ScheduleFactory(name=name)
        spans = self.case["on_call"][f"schedule:{name}"]
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

    def make_policy(self) -> Policy:
        wanted = self.case["policy"]
        repeats = FOR_EVER if wanted["repeat"] == -1 else wanted["repeat"]
        policy = PolicyFactory(repeats=repeats)
        for position, step in enumerate(wanted["steps"]):
            row = PolicyStepFactory(policy=policy, position=position, wait_seconds=60 * step["delay_minutes"])
            for target in step["targets"]:
                kind, _, name = target.partition(":")
                if kind == "user":
                    StepTargetFactory(step=row, user=self.person(name))
                else:
                    StepTargetFactory(step=row, on_call=self.schedule(name))
        return policy

    def act(self, event: str, detail: str, now: datetime) -> None:
        """Let one event of the case happen."""
        acts: dict[str, Callable[[], Any]] = {
            "trigger": lambda: self.pages.append(
                start(policy=self.policy, now=now, service=self.service, by_machine=True)
            ),
            "acknowledge": lambda: acknowledge_page(self.pages[-1], by=by(self.person(detail)), now=now),
            "escalate": lambda: ring_next_now(self.pages[-1], by=MUSTER, now=now),
            "maintenance_start": lambda: self.windows.append(
                start_maintenance([self.service], by=ActorFactory(), now=now, reason="A case", lasts=4 * HOUR)
            ),
            "maintenance_end": lambda: self.end_maintenance(now),
            "resolve": lambda: stop_pages("incident:INC-1", by=MUSTER, now=now, reason="resolved"),
            "engine_down": lambda: setattr(self, "engine_runs", False),
            "engine_up": lambda: setattr(self, "engine_runs", True),
        }
        # Maintenance refuses a ring by hand in words; in the cases it is silence.
        held = bool(self.pages) and self.pages[-1].status == PageStatus.HELD
        with suppress(WrongState) if held and event == "escalate" else nullcontext():
            acts[event]()

    def end_maintenance(self, now: datetime) -> None:
        """End it, and let the bell that this rings be heard."""
        end_maintenance(self.windows[-1], by=ActorFactory(), now=now)
        advance_due_pages(now=now)

    def rung(self) -> list[list[Any]]:
        """[minute, person, step, pass] of every ring, as the cases write them."""
        names = {user.pk: name for name, user in self.people.items()}
        attempts = PageAttempt.objects.filter(outcome=AttemptOutcome.RUNG, user__isnull=False).order_by("at", "pk")
        return [[(a.at - self.start) / TICK, names[a.user_id], a.step + 1, a.run + 1] for a in attempts if a.user_id]

    def told(self) -> list[list[Any]]:
        """[minute, person, device] of every message that was handed over, in order."""
        devices = {point.pk: point.address.split("@")[0].split(".") for point in ContactPoint.objects.all()}
        rows = Message.objects.filter(status=MessageStatus.SENT, user__isnull=False)
        return sorted([(row.sent_at - self.start) / TICK, *devices[row.contact_point_id]] for row in rows)

    def state(self) -> str:
        """What the case calls the state of its newest incident."""
        self.pages[-1].refresh_from_db()
        return STATES.get(PageStatus(self.pages[-1].status), "resolved")


@pytest.mark.django_db
@pytest.mark.parametrize("case", PLAYED, ids=[case["id"] for case in PLAYED])
def test_whom_the_engine_rings_when_is_what_the_case_says(case: dict[str, Any]) -> None:
    stage = Stage(case)
    choice = expectation(case)
    assert choice is not None
    events = [(minute, event, (detail or [""])[0]) for minute, event, *detail in case["events"]]
    states = dict(case.get("expected_states", []))

    for minute in range(case["horizon_minutes"] + 1):
        now = stage.start + minute * TICK
        if stage.engine_runs:
            advance_due_pages(now=now)
        for _, event, detail in [one for one in events if one[0] == minute]:
            stage.act(event, detail, now)
        if stage.engine_runs and "user_rules" in case:
            deliver_due(now=now)
        if minute in states:
            assert stage.state() == states[minute]

    told = choice["expected_notifications"]
    if "user_rules" in case:
        assert stage.told() == sorted([minute, who, device] for minute, who, _, _, device in told)
    else:
        assert stage.rung() == [row[:4] for row in told]


def test_every_case_is_played_or_skipped_for_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nescalation.json: {len(PLAYED)} of {len(CASES)} played; skipped: {dict(SKIPPED.most_common())}")  # noqa: T201
    assert len(PLAYED) + SKIPPED.total() == len(CASES)
