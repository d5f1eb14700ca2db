"""Ringing a worker is a courtesy: it rings at commit, and a broker that is down undoes nothing."""

import logging
import time

import pytest
from celery import Celery
from django.db import transaction
from kombu import Connection

from accounts.models import User
from core.queue import ring
from tests.factories.accounts import UserFactory

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def broker(monkeypatch):
    """A Celery app of this test alone whose broker is in memory; its messages can be counted."""
    app = Celery("bell", broker="memory://bell", set_as_current=False)
    monkeypatch.setattr("core.queue.current_app", app)
    with Connection(app.conf.broker_url) as connection, connection.SimpleQueue("celery", no_ack=True) as bells:
        bells.clear()
    yield app
    app.close()


def waiting(app: Celery) -> list[str]:
    """The names of the tasks that wait in the broker, taken out of it."""
    names = []
    with Connection(app.conf.broker_url) as connection, connection.SimpleQueue("celery", no_ack=True) as bells:
        for _ in range(bells.qsize()):
            names.append(bells.get(block=False).headers["task"])
    return names


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_at_commit_and_not_before(broker):
    with transaction.atomic():
        ring("comms.deliver_due")
        assert waiting(broker) == []

    assert waiting(broker) == ["comms.deliver_due"]


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_rings_nothing(broker):
    with transaction.atomic():
        ring("comms.deliver_due")
        transaction.set_rollback(True)

    assert waiting(broker) == []


@pytest.mark.django_db(transaction=True)
def test_a_bell_that_nobody_hears_in_time_is_gone(broker):
    ring("comms.deliver_due")

    with Connection(broker.conf.broker_url) as connection, connection.SimpleQueue("celery", no_ack=True) as bells:
        assert bells.get(block=False).headers["expires"] is not None


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_undoes_nothing_delays_nobody_and_is_logged(monkeypatch, caplog):
    app = Celery("silent", broker=NOBODY_LISTENS, set_as_current=False)
    monkeypatch.setattr("core.queue.current_app", app)

    began = time.monotonic()
    with caplog.at_level(logging.WARNING, logger="core.queue"), transaction.atomic():
        user = UserFactory()
        ring("comms.deliver_due")

    assert time.monotonic() - began < 2
    assert User.objects.filter(pk=user.pk).exists()
    assert [record.getMessage().partition(" (")[0] for record in caplog.records if record.name == "core.queue"] == [
        "The bell for comms.deliver_due did not ring"
    ]


@pytest.mark.django_db(transaction=True)
def test_a_broker_folder_that_cannot_be_written_undoes_nothing(monkeypatch, caplog, tmp_path):
    in_the_way = tmp_path / "broker"
    in_the_way.write_text("a file where the folder should be")
    app = Celery("blocked", broker="filesystem://", set_as_current=False)
    app.conf.broker_transport_options = {"data_folder_in": str(in_the_way), "data_folder_out": str(in_the_way)}
    monkeypatch.setattr("core.queue.current_app", app)

    with caplog.at_level(logging.WARNING, logger="core.queue"), transaction.atomic():
        user = UserFactory()
        ring("comms.deliver_due")

    assert User.objects.filter(pk=user.pk).exists()
    assert len([record for record in caplog.records if record.name == "core.queue"]) == 1
