"""What a page does next: ring a step, wait for one, sleep, begin again or give up."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from escalation.enums import AttemptOutcome, TargetKind
from escalation.plan.condition import Unmet, unmet
from escalation.plan.snapshot import DEFAULT_WAIT, PolicySnapshot, TargetSnapshot

SHORTEST_PASS = timedelta(seconds=60)
LAST_RESORT = "last resort"


@dataclass(frozen=True)
class Behind:
    """Somebody behind a target; `why_not` says why nothing would reach them, and then they count as nobody."""

    person: int
    why_not: str = ""


Reach = Callable[[TargetSnapshot, datetime], Sequence[Behind]]
"""The people behind a target at a moment."""


@dataclass(frozen=True)
class PageState:
    """Where a page stands, as far as its next step is concerned.

    `round` counts how often it began from the top, `run` the passes of this round. `answered` are the people who need
    no second ring: whatever they said, they know. `coming` says that somebody answered whose arrival is later than
    the chain allows. `pass_began_at` is the first attempt of this pass, `pass_rang` whether it has rung a person,
    `last_resort_asked` whether any pass of this round has come to the last resort. `came_up` are the moments at which
    its subject came up, `waits` says that the step is already known to wait for its condition, and `by_hand` that
    somebody wants it now, whatever it waits for.
    """

    snapshot: PolicySnapshot
    reach: Reach
    round: int = 0
    run: int = 0
    step: int = 0
    wake_at: datetime | None = None
    level_rank: int | None = None
    came_up: tuple[datetime, ...] = ()
    answered: frozenset[int] = frozenset()
    coming: bool = False
    pass_began_at: datetime | None = None
    pass_rang: bool = False
    last_resort_asked: bool = False
    waits: bool = False
    by_hand: bool = False


@dataclass(frozen=True)
class Hit:
    """One target of one step in one pass: who is rung, or why nobody is. `url` is set for a webhook.

    `target` is what the step named, for the record; it makes no difference to what happens.
    """

    run: int
    step: int
    outcome: AttemptOutcome
    source: str
    person: int | None = None
    url: str = ""
    target: TargetSnapshot | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Decision:
    """What happens now (`hits`, in order, all of the round in which the page stood) and where the page then stands.

    `exhausted` says that every pass is over and nobody has answered; a `wake_at` beside it is when the next round
    begins. `wake_at` None means that nothing is left to do; when it is not exhausted, somebody is on the way.
    """

    hits: tuple[Hit, ...]
    run: int
    step: int
    wake_at: datetime | None
    exhausted: bool = False
    round: int = 0


def next_step(state: PageState, now: datetime) -> Decision:
    """Ring the next step that has somebody in it, wait for one, sleep, or give up.

    Empty steps, and those whose condition does not hold, are gone over at once and leave their reason. A pass ends
    with its last wait. A pass that rang nobody goes to the last resort, once for the whole round. No pass begins
    sooner than 60 s after the one before it, so nothing spins. After the last pass: the last resort, and `exhausted`,
    unless somebody is on the way; a policy that rings until it is answered then begins from the top.
    """
    if state.wake_at is not None and state.wake_at > now:
        return Decision((), state.run, state.step, state.wake_at, round=state.round)
    gone_over: list[Hit] = []
    run, step, began_at = state.run, state.step, state.pass_began_at
    if began_at is not None and began_at > now:  # the clock was set back since: nobody waits for it to come again
        began_at = now - SHORTEST_PASS
    steps = state.snapshot.steps
    while step < len(steps):
        why = unmet(steps[step].condition, level_rank=state.level_rank, came_up=state.came_up, now=now)
        if why and why.look_again_at and not state.by_hand:
            gone_over += _waiting(state, run, step, why)
            return Decision(tuple(gone_over), run, step, why.look_again_at, round=state.round)
        hits = _passed_over(run, step, why) if why and not why.look_again_at else list(_hits_of(state, run, step, now))
        began_at = began_at or now
        gone_over += hits
        step += 1
        if any(hit.outcome == AttemptOutcome.RUNG for hit in hits):
            wake_at = now + timedelta(seconds=steps[step - 1].wait_seconds)
            return Decision(tuple(gone_over), run, step, wake_at, round=state.round)
    return _end_of_pass(state, now, gone_over, began_at or now)


def _end_of_pass(state: PageState, now: datetime, hits: list[Hit], began_at: datetime) -> Decision:
    """Begin again, or give up."""
    run, end = state.run, len(state.snapshot.steps)
    if state.coming:
        return Decision(tuple(hits), run, end, None, round=state.round)
    if run >= state.snapshot.repeats:
        hits += _last_resort(state, run, now)
        return _exhausted(state, now, hits)
    is_empty = not state.pass_rang
    if is_empty and not state.last_resort_asked:
        hits += _last_resort(state, run, now)
    begins_at = began_at + SHORTEST_PASS
    if begins_at > now:
        return Decision(tuple(hits), run + 1, 0, begins_at, round=state.round)
    asked = state.last_resort_asked or is_empty
    fresh = replace(
        state,
        run=run + 1,
        step=0,
        pass_began_at=None,
        pass_rang=False,
        wake_at=None,
        last_resort_asked=asked,
        waits=False,
    )
    again = next_step(fresh, now)
    return replace(again, hits=(*hits, *again.hits))


def _exhausted(state: PageState, now: datetime, hits: list[Hit]) -> Decision:
    """Nobody answered: the end, or the next round, which waits as long as the last step did and never less than 60 s.

    A round that rang nobody at all is not begun again before 5 minutes are over.
    """
    steps = state.snapshot.steps
    if not state.snapshot.rings_until_answered:
        return Decision(tuple(hits), state.run, len(steps), None, exhausted=True, round=state.round)
    rang = state.pass_rang or any(hit.outcome == AttemptOutcome.RUNG for hit in hits)
    pause = timedelta(seconds=steps[-1].wait_seconds) if rang and steps else DEFAULT_WAIT
    return Decision(tuple(hits), 0, 0, now + max(pause, SHORTEST_PASS), exhausted=True, round=state.round + 1)


def _waiting(state: PageState, run: int, step: int, why: Unmet) -> list[Hit]:
    """The row that says what the step waits for, once."""
    if state.waits and (run, step) == (state.run, state.step):
        return []
    return [Hit(run, step, AttemptOutcome.WAITS, why.why)]


def _passed_over(run: int, step: int, why: Unmet) -> list[Hit]:
    return [Hit(run, step, AttemptOutcome.NOT_MET, why.why)]


def _hits_of(state: PageState, run: int, step: int, now: datetime) -> Iterator[Hit]:
    """What each target of one step comes to; a person reached twice is rung once."""
    rung: set[int] = set()
    for target in state.snapshot.steps[step].targets:
        if target.kind == TargetKind.WEBHOOK:
            yield Hit(run, step, AttemptOutcome.RUNG, target.label, url=str(target.key), target=target)
            continue
        behind = state.reach(target, now)
        if not behind:
            yield Hit(run, step, AttemptOutcome.NOBODY, target.label, target=target)
        for one in behind:
            yield _hit(state, run, step, target, one, rung)
            rung.add(one.person)
    if not state.snapshot.steps[step].targets:
        yield Hit(run, step, AttemptOutcome.NOBODY, "a step without targets")


def _hit(state: PageState, run: int, step: int, target: TargetSnapshot, one: Behind, rung: set[int]) -> Hit:
    """What one person behind a target comes to."""
    outcome, source = AttemptOutcome.RUNG, target.label
    if one.person in rung:
        outcome = AttemptOutcome.ALREADY_RUNG
    elif one.person in state.answered:
        outcome = AttemptOutcome.ALREADY_ANSWERED
    elif one.why_not:
        outcome, source = AttemptOutcome.UNREACHABLE, f"{target.label}: {one.why_not}"
    return Hit(run, step, outcome, source, one.person, target=target)


def _last_resort(state: PageState, run: int, now: datetime) -> list[Hit]:
    """The last resort of the policy stands after the last step; without one its absence is written down."""
    person, step = state.snapshot.last_resort, len(state.snapshot.steps)
    if person is None:
        return [Hit(run, step, AttemptOutcome.NOBODY, f"{LAST_RESORT}: the policy names none")]
    target = TargetSnapshot(kind=TargetKind.PERSON, key=person, label=LAST_RESORT)
    behind = state.reach(target, now)
    if not behind:
        return [Hit(run, step, AttemptOutcome.NOBODY, LAST_RESORT)]
    return [_hit(state, run, step, target, one, set()) for one in behind]
