"""The dry run: who would be told when, by what, and who would not be and why, if a page began at some moment.

From the planners that the engine itself runs: escalation.plan says whom a step rings, comms.plan by which of their
addresses, and what its throttles hold back or bundle. tests/escalation/test_dry_run.py holds it against the rows that
the engine then writes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts.models import User
from comms.enums import MessageKind, Transport, Urgency
from comms.models import ContactPoint, Message
from comms.plan import Fate, Way, fates, ways_to_user
from comms.queries.reach import points_of
from comms.queries.throttle import post_of
from escalation.enums import AttemptOutcome
from escalation.plan import PolicySnapshot, Told, preview
from escalation.queries.reach import people_of

HORIZON = timedelta(hours=6)
MOST = 60
# Rows that nobody has written are younger than all that were.
UNWRITTEN = 10**15
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
    is. `transport` is empty where no channel comes into it. A repeat that waits longer than it wants has its reason
    `held`; one that leaves together with others says so in `together`; `leaves_at` is None for what never leaves, or
    does not within the time that was asked for.
    """

    at: datetime
    after: timedelta
    place: str
    source: str
    user: User | None = None
    transport: str = ""
    why_not: str = ""
    held: str = ""
    together: str = ""
    leaves_at: datetime | None = None

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
    """Whom a page of `snapshot` begun at `at` would tell within `horizon`, if nobody answered: 15 queries at most.

    The first `most` lines (all with None). Every send is taken to succeed. The throttles know what left and waits by
    the rows of now; what other pages have yet to ring they cannot.
    """
    named = dict(roles or {})
    people = people_of([snapshot], [named], at, at + horizon)
    told = preview(snapshot, at, people.reach(named), horizon=horizon, level_rank=level_rank)
    points = points_of(people.users.values())
    planned = [one for each in told for one in _planned(each, snapshot, at, people.users, points)]
    lines = [line for line in _foretold(planned, points, at, at + horizon) if line.after <= horizon]
    lines.sort(key=lambda line: line.at)
    return DryRun(lines if most is None else lines[:most], goes_on=most is not None and len(lines) > most)


@dataclass(frozen=True)
class _Planned:
    """A line and, where somebody is told by it, the row that the engine would write."""

    line: DryRunLine
    row: Message | None = None


def _foretold(
    planned: Sequence[_Planned], points: Mapping[int, list[ContactPoint]], at: datetime, until: datetime
) -> Iterator[DryRunLine]:
    """The lines once the throttles have had their say."""
    rows = [one.row for one in planned if one.row]
    for number, row in enumerate(rows):
        row.pk = UNWRITTEN + number
    used = {row.contact_point_id for row in rows}
    mine = [point for some in points.values() for point in some if point.pk in used]
    found = fates(rows, post_of(mine, at, until), until=until) if rows else {}
    for one in planned:
        yield _with_fate(one.line, found[one.row.pk], at) if one.row else one.line


def _with_fate(line: DryRunLine, fate: Fate, begins: datetime) -> DryRunLine:
    why_not, together = (fate.not_sent, "") if fate.leaves_at is None else ("", fate.not_sent)
    return replace(
        line,
        at=fate.wanted_at,
        after=fate.wanted_at - begins,
        why_not=why_not,
        held=fate.held,
        together=together,
        leaves_at=fate.leaves_at,
    )


def _planned(
    told: Told,
    snapshot: PolicySnapshot,
    begins: datetime,
    users: Mapping[int, User],
    points: Mapping[int, list[ContactPoint]],
) -> Iterable[_Planned]:
    """What one target of one step comes to: a line for each address that is tried, or passed over."""
    hit = told.hit
    user = users[hit.person] if hit.person is not None else None
    line = DryRunLine(told.at, told.at - begins, _place(told, snapshot), hit.source, user)
    if hit.outcome != AttemptOutcome.RUNG:
        return [_Planned(replace(line, why_not=WHY_NOT[hit.outcome].format(user)))]
    if user is None:
        return [_Planned(replace(line, transport=Transport.WEBHOOK, leaves_at=line.at))]
    # A page that nobody has answered in a whole round rings on all channels at the same moment.
    ways = ways_to_user(user, Urgency.URGENT, points[user.pk], everywhere_at_once=bool(told.round))
    return [_by_way(line, way, told) for way in ways]


def _by_way(line: DryRunLine, way: Way, told: Told) -> _Planned:
    at, transport = line.at + way.after, way.transport
    line = replace(line, at=at, after=line.after + way.after, transport=transport, why_not=way.not_sent_reason)
    return _Planned(line, None if way.not_sent_reason else _row(line, way, told))


def _row(line: DryRunLine, way: Way, told: Told) -> Message:
    """As much of the row that the engine would write as the throttles look at."""
    key = f"{told.round}.{told.hit.run}:{told.hit.step}:{told.hit.person}"
    return Message(
        dedup_key=key + way.suffix,
        # What begins from the top because nobody has answered repeats nothing: escalation/actions/ringing.py.
        series=key if told.round else "",
        kind=MessageKind.PAGE,
        urgency=Urgency.URGENT,
        user=line.user,
        contact_point=way.contact_point,
        transport=way.transport,
        is_follow_up=way.is_follow_up,
        created_at=told.at,
        deliver_after=line.at,
    )


def _place(told: Told, snapshot: PolicySnapshot) -> str:
    """`step 2, pass 3`; nothing for the last resort, which its source names."""
    if told.hit.step >= len(snapshot.steps):
        return ""
    words = [f"step {told.hit.step + 1}"]
    words += [f"pass {told.hit.run + 1}"] if told.hit.run else []
    return ", ".join([*words, "from the top again"] if told.round else words)
