"""A receiver that fails undoes only itself."""

from typing import Any

import pytest
from django.dispatch import Signal

from accounts.models import Team
from core.signals import announce, ask
from tests.factories.accounts import TeamFactory


class Sender:
    """Whoever announces."""


@pytest.fixture
def happened() -> Signal:
    """A signal that nobody else knows."""
    return Signal()


@pytest.mark.django_db
def test_what_a_failing_receiver_wrote_is_rolled_back_and_the_others_still_run(
    happened: Signal, caplog: pytest.LogCaptureFixture
) -> None:
    def first(noun: str, **_: Any) -> None:
        TeamFactory(slug=f"{noun}-first")

    def breaks_the_database(noun: str, **_: Any) -> None:
        TeamFactory(slug=f"{noun}-half")
        TeamFactory(slug=f"{noun}-half")

    def last(noun: str, **_: Any) -> None:
        TeamFactory(slug=f"{noun}-last")

    for receiver in (first, breaks_the_database, last):
        happened.connect(receiver, sender=Sender)

    announce(happened, Sender, noun="page")

    assert set(Team.objects.values_list("slug", flat=True)) == {"page-first", "page-last"}
    assert "breaks_the_database" in caplog.text


@pytest.mark.django_db
def test_receivers_of_another_sender_hear_nothing(happened: Signal) -> None:
    heard: list[str] = []

    def receiver(**_: Any) -> None:
        heard.append("something")

    happened.connect(receiver, sender=Team)

    announce(happened, Sender)

    assert heard == []


@pytest.mark.django_db
def test_whoever_asks_hears_the_sentences_in_order_and_a_failing_receiver_says_nothing(
    happened: Signal, caplog: pytest.LogCaptureFixture
) -> None:
    def first(noun: str, **_: Any) -> str:
        return f"{noun} first."

    def silent(**_: Any) -> str:
        return ""

    def breaks(**_: Any) -> str:
        raise ValueError("nobody foresaw it")

    def last(noun: str, **_: Any) -> str:
        return f"{noun} last."

    for receiver in (first, silent, breaks, last):
        happened.connect(receiver, sender=Sender)

    assert ask(happened, Sender, noun="page") == ["page first.", "page last."]
    assert "breaks" in caplog.text
