"""The beat table: every bell is rung often enough, and none piles up."""

from config.celery import SWEEPS, app, configuration, sweeps


def test_every_bell_expires_after_its_own_period() -> None:
    table = {entry["task"]: (entry["schedule"], entry["options"]) for entry in app.conf.beat_schedule.values()}

    assert table == {name: (seconds, {"expires": seconds}) for name, seconds in SWEEPS.items()}


def test_every_bell_rings_a_task_that_there_is() -> None:
    app.loader.import_default_modules()

    assert set(SWEEPS) - set(app.tasks) == set()


def test_a_bell_goes_straight_to_its_queue_without_a_table_that_could_be_emptied() -> None:
    queue = app.amqp.queues[app.conf.task_default_queue]

    assert (queue.exchange.name, queue.routing_key, app.conf.task_default_exchange) == ("", "muster", "")


def test_the_heartbeat_is_rung_as_often_as_it_is_asked_for_and_only_with_a_monitor(settings) -> None:
    assert sweeps() == SWEEPS

    settings.HEARTBEAT_URL, settings.HEARTBEAT_SECONDS = "https://monitor.example.org/ping", 60

    assert sweeps() == {**SWEEPS, "comms.send_heartbeat": 60.0}
    assert configuration()["beat_schedule"]["comms.send_heartbeat"] == {
        "task": "comms.send_heartbeat",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    }
