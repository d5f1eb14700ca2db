"""The dry run: who would be told when, if nobody answered."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from escalation.enums import AttemptOutcome
from escalation.plan.snapshot import PolicySnapshot
from escalation.plan.step import Decision, Hit, PageState, Reach, next_step


@dataclass(frozen=True)
class Told:
    """One line of a preview: at `at`, `hit` would happen, if nobody answered before."""

    at: datetime
    hit: Hit
    round: int = 0


def preview(
    snapshot: PolicySnapshot,
    start: datetime,
    reach: Reach,
    *,
    horizon: timedelta,
    level_rank: int | None = None,
    answered: frozenset[int] = frozenset(),
) -> list[Told]:
    """Who would be told when, from `start` on, if nobody answered, up to `horizon` later.

    `level_rank` is the level's; without one no step is gone over for its level. The subject comes up once, at `start`.
    """
    state = PageState(snapshot, reach, level_rank=level_rank, came_up=(start,), answered=answered)
    now, told = start, list[Told]()
    while now <= start + horizon:
        decision = next_step(state, now)
        told += [Told(now, hit, state.round) for hit in decision.hits]
        if decision.wake_at is None:
            return told
        state = after(state, decision, now)
        now = max(now, decision.wake_at)
    return told


def after(state: PageState, decision: Decision, now: datetime) -> PageState:
    """The state once `decision` has been carried out at `now`."""
    anew = decision.round != state.round
    fresh = anew or decision.run != state.run
    mine = [hit for hit in decision.hits if hit.run == decision.run and not anew]
    stands = (decision.round, decision.run, decision.step) == (state.round, state.run, state.step)
    waits = any(hit.outcome == AttemptOutcome.WAITS for hit in mine) or (stands and state.waits)
    return replace(
        state,
        round=decision.round,
        run=decision.run,
        step=decision.step,
        wake_at=decision.wake_at,
        pass_began_at=(None if fresh else state.pass_began_at) or (now if mine else None),
        pass_rang=(not fresh and state.pass_rang) or any(_rings_a_person(hit) for hit in mine),
        last_resort_asked=not anew
        and (state.last_resort_asked or any(_is_last_resort(hit, state) for hit in decision.hits)),
        waits=waits,
    )


def _rings_a_person(hit: Hit) -> bool:
    return hit.person is not None and hit.outcome == AttemptOutcome.RUNG


def _is_last_resort(hit: Hit, state: PageState) -> bool:
    return hit.step == len(state.snapshot.steps)
