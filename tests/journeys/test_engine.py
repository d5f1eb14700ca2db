"""What becomes of pages when the engine stands still, when hundreds ring at once, and when one channel is down."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from accounts.actor import MUSTER
from comms.actions.delivery import deliver_due
from comms.actions.monitor import send_heartbeat
from comms.enums import MessageStatus, Transport
from comms.models import EngineReport, EngineTick, Message
from comms.queries.engine import engine_state
from escalation.actions.page import acknowledge_page, advance_due_pages, start_page
from escalation.enums import PageStatus
from escalation.models import Page, Policy
from incidents.actions.promise_sweep import sweep_promises
from tests.factories.comms import ContactPointFactory, ContactRuleFactory, make_engine
from tests.factories.escalation import make_policy
from tests.journeys.cast import by_web, person
from tests.journeys.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)
STORM = 500


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def declare(policy: Policy, subject: str, now: datetime) -> Page:
    """Somebody has the people of `policy` paged about `subject`."""
    return start_page(
        by=MUSTER,
        now=now,
        group="platform",
        policy=policy,
        subject_key=subject,
        subject=f"[SEV2] {subject}",
        link="/",
        level_name="SEV2",
        level_rank=2,
    )


def run_engine(begin: datetime, end: datetime) -> None:
    """The engine, ticking every ten seconds from `begin` to `end`."""
    now = begin
    while now <= end:
        advance_due_pages(now=now)
        deliver_due(now=now)
        now += timedelta(seconds=10)


def rung(sink: Sink) -> Counter[tuple[str, str]]:
    """How often each person was told about each subject, counted by the telephones."""
    return Counter((post["to"], post["subject_key"]) for post in sink.posts)


def test_an_engine_that_stood_still_for_ten_minutes_loses_nothing_and_rings_one_step_at_a_time(sink, now):
    ana, ben, cleo = (person(handle, sink.url) for handle in ("ana", "ben", "cleo"))
    chain = make_policy(ana, ben, cleo, wait_seconds=300)
    declare(chain, "before", now)
    run_engine(now, now + minutes(1))
    declare(chain, "meanwhile", now + minutes(5))
    resumed = now + minutes(11)
    before = rung(sink)

    run_engine(resumed, resumed + minutes(1))
    at_once = rung(sink) - before
    run_engine(resumed + minutes(1), resumed + minutes(6))

    # Ben was due at 5 min and Cleo at 10: Ben is rung now, and has his five minutes before Cleo is.
    assert before == {(str(ana), "before"): 1}
    assert at_once == {(str(ben), "before"): 1, (str(ana), "meanwhile"): 1, (str(ben), "meanwhile"): 1}
    assert rung(sink) == {
        **{(str(who), "before"): 1 for who in (ana, ben, cleo)},
        **{(str(who), "meanwhile"): 1 for who in (ana, ben, cleo)},
    }
    assert (sink.repeats, Message.objects.exclude(status=MessageStatus.SENT).count()) == (0, 0)


def test_the_outside_monitor_hears_nothing_while_the_engine_stands_still_and_hears_it_again_after(
    httpserver, settings, now
):
    httpserver.expect_request("/ping").respond_with_data("OK")
    settings.HEARTBEAT_URL = httpserver.url_for("/ping")
    make_engine(now)
    send_heartbeat(now=now)
    stopped, resumed = now + minutes(5), now + minutes(10)

    # A worker that takes one bell after a long silence has shown nothing yet: its sweeps have not run.
    assert (send_heartbeat(now=stopped), len(httpserver.log)) == (False, 1)

    EngineReport.objects.update(reported_at=resumed, began_at=resumed)
    EngineTick.objects.update(ticked_at=resumed)
    assert (send_heartbeat(now=resumed), len(httpserver.log)) == (True, 2)
    assert engine_state(resumed).monitor.held_since is None


@pytest.mark.timeout(300)
def test_a_storm_of_five_hundred_pages_tells_everybody_once_and_stops_with_the_answer(sink, now):
    people = [person(f"person-{number}", sink.url) for number in range(20)]
    chains = [make_policy(one, people[number - 1], wait_seconds=300) for number, one in enumerate(people)]
    pages = [declare(chains[number % 20], f"storm-{number}", now) for number in range(STORM)]

    while deliver_due(now=now):
        pass
    told = rung(sink)
    for page in pages[:250]:
        acknowledge_page(page, by=by_web(page.attempts.get().user), now=now + minutes(1))
    later = now + minutes(5)
    while advance_due_pages(now=later) or deliver_due(now=later):
        pass

    assert told == {(str(people[number % 20]), f"storm-{number}"): 1 for number in range(STORM)}
    assert rung(sink) - told == {(str(people[number % 20 - 1]), f"storm-{number}"): 1 for number in range(250, STORM)}
    assert sink.repeats == 0
    assert Counter(Page.objects.values_list("status", flat=True)) == {
        PageStatus.ACKNOWLEDGED: 250,
        PageStatus.RINGING: 250,
    }
    assert Message.objects.exclude(status=MessageStatus.SENT).count() == 0


def test_a_channel_that_is_down_passes_on_to_the_next_at_once_and_holds_up_nobody_else(sink, now):
    ana, ben = person("ana", sink.url), person("ben", sink.url)
    down = ContactPointFactory(user=ana, transport=Transport.WEBHOOK, address="http://127.0.0.1:9/down")
    ContactRuleFactory(contact_point=down)
    ContactRuleFactory(contact_point=ana.contact_points.get(address=f"{sink.url}/ana"), after_seconds=120)

    declare(make_policy(ana), "pipeline", now)
    declare(make_policy(ben), "pipeline", now)
    deliver_due(now=now)

    assert rung(sink) == {(str(ana), "pipeline"): 1, (str(ben), "pipeline"): 1}
    waiting = Message.objects.get(status=MessageStatus.WAITING)
    assert (waiting.contact_point, waiting.deliver_after) == (down, now + timedelta(seconds=5))


@pytest.mark.parametrize(("sweep", "statements"), [(advance_due_pages, 2), (deliver_due, 2), (sweep_promises, 2)])
def test_a_tick_with_nothing_due_asks_what_is_due_and_leaves_its_mark(
    now, sweep, statements, django_assert_num_queries
):
    sweep(now=now)

    with django_assert_num_queries(statements):
        sweep(now=now + timedelta(seconds=2))
