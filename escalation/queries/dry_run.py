"""The dry run: who would be told when, by what, and who would not be and why, if a page began at some moment.

From the planners that the engine itself runs: escalation.plan says whom a step rings, comms.plan by which of their
addresses. tests/escalation/test_dry_run.py holds it against the rows that the engine then writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from comms.enums import Transport, Urgency
from comms.models import ContactPoint
from comms.plan import everywhere, tries
from comms.queries.reach import points_of
from escalation.enums import AttemptOutcome
from escalation.plan import PolicySnapshot, Told, preview
from escalation.queries.reach import people_of

HORIZON = timedelta(hours=6)
MOST = 60
WHY_NOT = {
    AttemptOutcome.ALREADY_ANSWERED: "{} has answered before.",
    AttemptOutcome.ALREADY_RUNG: "{} is rung by the same step.",
    AttemptOutcome.NOBODY: "Nobody is there.",
    AttemptOutcome.UNREACHABLE: "{} cannot be reached.",
    AttemptOutcome.NOT_MET: "The step is gone over.",
    AttemptOutcome.WAITS: "The step waits.",
}


@dataclass(frozen=True)
class DryRunLine:
    """At `at`, `user` is told by `channel`; with `why_not`, a sentence, they are not, and without `user` nobody is.

    `source` is where they come from, `place` the step and the pass in words, `after` how long after the beginning it
    is. `transport` is empty where no channel comes into it.
    """

    at: datetime
    after: timedelta
    place: str
    source: str
    user: User | None = None
    transport: str = ""
    why_not: str = ""

    @property
    def channel(self) -> str:
        """The way it goes, in a word."""
        return str(Transport(self.transport).label) if self.transport else ""


@dataclass(frozen=True)
class DryRun:
    """The lines in the order of their moments; `goes_on` when it would not be over with the last of them."""

    lines: list[DryRunLine]
    goes_on: bool = False

    @property
    def reaches_nobody(self) -> bool:
        """Whether no person at all would be told."""
        return not any(line.user and not line.why_not for line in self.lines)


def dry_run(
    snapshot: PolicySnapshot,
    *,
    at: datetime,
    level_rank: int | None = None,
    roles: Mapping[str, list[int]] | None = None,
    horizon: timedelta = HORIZON,
    most: int | None = MOST,
) -> DryRun:
    """Whom a page of `snapshot` begun at `at` would tell within `horizon`, if nobody answered: eleven queries at most.

    The first `most` lines (all with None). No throttle is asked: it could only bundle repeats.
    """
    named = dict(roles or {})
    people = people_of([snapshot], [named], at, at + horizon)
    told = preview(snapshot, at, people.reach(named), horizon=horizon, level_rank=level_rank)
    points = points_of(people.users.values())
    lines = [line for one in told for line in _lines(one, snapshot, at, people.users, points)]
    lines.sort(key=lambda line: line.at)
    lines = [line for line in lines if line.after <= horizon]
    return DryRun(lines if most is None else lines[:most], goes_on=most is not None and len(lines) > most)


def _lines(
    told: Told,
    snapshot: PolicySnapshot,
    begins: datetime,
    users: Mapping[int, User],
    points: Mapping[int, list[ContactPoint]],
) -> list[DryRunLine]:
    """What one target of one step comes to: a line for each address that is tried, or passed over."""
    hit = told.hit
    user = users[hit.person] if hit.person is not None else None
    place = _place(told, snapshot)

    def line(after: timedelta = timedelta(), transport: str = "", why_not: str = "") -> DryRunLine:
        moment = told.at + after
        return DryRunLine(moment, moment - begins, place, hit.source, user, transport, why_not)

    if hit.outcome != AttemptOutcome.RUNG:
        return [line(why_not=WHY_NOT[hit.outcome].format(user))]
    if hit.person is None:
        return [line(transport=Transport.WEBHOOK)]
    mine = points[hit.person]
    # A page that nobody has answered in a whole round rings on all channels at the same moment.
    chain = everywhere(mine) if told.round else tries(mine, Urgency.URGENT)
    return [line(one.after, one.point.transport, one.reason) for one in chain]


def _place(told: Told, snapshot: PolicySnapshot) -> str:
    """`step 2, pass 3`; nothing for the last resort, which its source names."""
    if told.hit.step >= len(snapshot.steps):
        return ""
    words = [f"step {told.hit.step + 1}"]
    words += [f"pass {told.hit.run + 1}"] if told.hit.run else []
    return ", ".join([*words, "from the top again"] if told.round else words)
