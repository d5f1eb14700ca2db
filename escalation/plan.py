"""Who would be told when: pure. The engine, the preview and the tests all ask this one `next_step`.

A page carries a snapshot of its policy and stands at (run, step): the step that is rung next, in which pass. Whenever
it wakes, or somebody cannot come, `next_step` says whom to ring now and when to look again. Who stands behind a target
at a moment is asked of `reach`, which the caller fills (escalation.queries.reach), so nothing here reads a row.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from escalation.enums import AttemptOutcome, TargetKind

DEFAULT_WAIT = timedelta(minutes=5)
SHORTEST_PASS = timedelta(seconds=60)
LAST_RESORT = "last resort"


@dataclass(frozen=True)
class TargetSnapshot:
    """One target: its kind, what it names (an id, a role or an address), the turn with a schedule, and its words."""

    kind: str
    key: int | str
    label: str
    turn: int = 0


@dataclass(frozen=True)
class StepSnapshot:
    """One step and the seconds before the next one, settled when the page began."""

    targets: tuple[TargetSnapshot, ...]
    wait_seconds: int


@dataclass(frozen=True)
class PolicySnapshot:
    """A policy as a page began with it. `repeats` counts the passes after the first; `last_resort` is a user id."""

    name: str
    steps: tuple[StepSnapshot, ...]
    repeats: int = 0
    last_resort: int | None = None

    def to_json(self) -> dict[str, Any]:
        """For Page.snapshot."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "PolicySnapshot":
        """What `to_json` made."""
        return cls(
            name=kept.get("name", ""),
            steps=tuple(
                StepSnapshot(
                    targets=tuple(TargetSnapshot(**target) for target in step["targets"]),
                    wait_seconds=step["wait_seconds"],
                )
                for step in kept.get("steps", ())
            ),
            repeats=kept.get("repeats", 0),
            last_resort=kept.get("last_resort"),
        )


Reach = Callable[[TargetSnapshot, datetime], Sequence[int]]
"""Ids of the people behind a target at a moment; those who cannot be rung at all are left out."""


@dataclass(frozen=True)
class PageState:
    """Where a page stands, as far as its next step is concerned.

    `answered` are the people who need no second ring: whatever they said, they know. `coming` says that somebody
    answered whose arrival is later than the chain allows. `pass_began_at` is the first attempt of this pass,
    `pass_rang` whether it has rung a person, `last_resort_asked` whether any pass has come to the last resort.
    """

    snapshot: PolicySnapshot
    reach: Reach
    run: int = 0
    step: int = 0
    wake_at: datetime | None = None
    answered: frozenset[int] = frozenset()
    coming: bool = False
    pass_began_at: datetime | None = None
    pass_rang: bool = False
    last_resort_asked: bool = False


@dataclass(frozen=True)
class Hit:
    """One target of one step in one pass: who is rung, or why nobody is. `url` is set for a webhook."""

    run: int
    step: int
    outcome: AttemptOutcome
    source: str
    person: int | None = None
    url: str = ""


@dataclass(frozen=True)
class Decision:
    """What happens now (`hits`, in order) and where the page then stands.

    `wake_at` None means that nothing is left to do; then `exhausted` says that nobody has answered, and otherwise
    somebody who comes later than the chain allows has.
    """

    hits: tuple[Hit, ...]
    run: int
    step: int
    wake_at: datetime | None
    exhausted: bool = False


def next_step(state: PageState, now: datetime) -> Decision:
    """Ring the next step that has somebody in it, sleep, or give up.

    Empty steps are gone over at once and leave their reason. A pass ends with its last wait. A pass that rang nobody
    goes to the last resort, once for the whole page. No pass begins sooner than 60 s after the one before it, so
    nothing spins. After the last pass: the last resort, and `exhausted`, unless somebody is on the way.
    """
    if state.wake_at is not None and state.wake_at > now:
        return Decision((), state.run, state.step, state.wake_at)
    gone_over: list[Hit] = []
    run, step, began_at = state.run, state.step, state.pass_began_at
    steps = state.snapshot.steps
    while step < len(steps):
        hits = list(_hits_of(state, run, step, now))
        began_at = began_at or now
        gone_over += hits
        step += 1
        if any(hit.outcome == AttemptOutcome.RUNG for hit in hits):
            wake_at = now + timedelta(seconds=steps[step - 1].wait_seconds)
            return Decision(tuple(gone_over), run, step, wake_at)
    return _end_of_pass(state, now, gone_over, began_at or now)


def _end_of_pass(state: PageState, now: datetime, hits: list[Hit], began_at: datetime) -> Decision:
    """Begin again, or give up."""
    run, end = state.run, len(state.snapshot.steps)
    if state.coming:
        return Decision(tuple(hits), run, end, None)
    if run >= state.snapshot.repeats:
        hits += _last_resort(state, run, now)
        return Decision(tuple(hits), run, end, None, exhausted=True)
    is_empty = not state.pass_rang
    if is_empty and not state.last_resort_asked:
        hits += _last_resort(state, run, now)
    begins_at = began_at + SHORTEST_PASS
    if begins_at > now:
        return Decision(tuple(hits), run + 1, 0, begins_at)
    asked = state.last_resort_asked or is_empty
    fresh = replace(
        state, run=run + 1, step=0, pass_began_at=None, pass_rang=False, wake_at=None, last_resort_asked=asked
    )
    again = next_step(fresh, now)
    return replace(again, hits=(*hits, *again.hits))


def _hits_of(state: PageState, run: int, step: int, now: datetime) -> Iterator[Hit]:
    """What each target of one step comes to; a person reached twice is rung once."""
    rung: set[int] = set()
    for target in state.snapshot.steps[step].targets:
        if target.kind == TargetKind.WEBHOOK:
            yield Hit(run, step, AttemptOutcome.RUNG, target.label, url=str(target.key))
            continue
        people = state.reach(target, now)
        if not people:
            yield Hit(run, step, AttemptOutcome.NOBODY, target.label)
        for person in people:
            yield Hit(run, step, _outcome(person, rung, state), target.label, person)
            rung.add(person)
    if not state.snapshot.steps[step].targets:
        yield Hit(run, step, AttemptOutcome.NOBODY, "a step without targets")


def _outcome(person: int, rung: set[int], state: PageState) -> AttemptOutcome:
    if person in rung:
        return AttemptOutcome.ALREADY_RUNG
    return AttemptOutcome.ALREADY_ANSWERED if person in state.answered else AttemptOutcome.RUNG


def _last_resort(state: PageState, run: int, now: datetime) -> list[Hit]:
    """The last resort of the policy stands after the last step; without one its absence is written down."""
    person, step = state.snapshot.last_resort, len(state.snapshot.steps)
    if person is None:
        return [Hit(run, step, AttemptOutcome.NOBODY, f"{LAST_RESORT}: the policy names none")]
    target = TargetSnapshot(kind=TargetKind.PERSON, key=person, label=LAST_RESORT)
    if not state.reach(target, now):
        return [Hit(run, step, AttemptOutcome.NOBODY, LAST_RESORT)]
    return [Hit(run, step, _outcome(person, set(), state), LAST_RESORT, person)]


# --- who would be told when ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Told:
    """One line of a preview: at `at`, `hit` would happen, if nobody answered before."""

    at: datetime
    hit: Hit


def preview(snapshot: PolicySnapshot, start: datetime, reach: Reach, *, horizon: timedelta) -> list[Told]:
    """Who would be told when, from `start` on, if nobody answered, up to `horizon` later."""
    state, now, told = PageState(snapshot, reach), start, list[Told]()
    while now <= start + horizon:
        decision = next_step(state, now)
        told += [Told(now, hit) for hit in decision.hits]
        if decision.wake_at is None:
            return told
        state = after(state, decision, now)
        now = max(now, decision.wake_at)
    return told


def after(state: PageState, decision: Decision, now: datetime) -> PageState:
    """The state once `decision` has been carried out at `now`."""
    mine = [hit for hit in decision.hits if hit.run == decision.run]
    fresh = decision.run != state.run
    return replace(
        state,
        run=decision.run,
        step=decision.step,
        wake_at=decision.wake_at,
        pass_began_at=(None if fresh else state.pass_began_at) or (now if mine else None),
        pass_rang=(not fresh and state.pass_rang) or any(_rings_a_person(hit) for hit in mine),
        last_resort_asked=state.last_resort_asked or any(_is_last_resort(hit, state) for hit in decision.hits),
    )


def _rings_a_person(hit: Hit) -> bool:
    return hit.person is not None and hit.outcome == AttemptOutcome.RUNG


def _is_last_resort(hit: Hit, state: PageState) -> bool:
    return hit.step == len(state.snapshot.steps)
