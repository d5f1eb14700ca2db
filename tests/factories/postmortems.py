"""Postmortems, their sections, reviews and action items."""

from datetime import date, timedelta

import factory

from postmortems.enums import PostmortemStatus, SectionKey
from postmortems.models import ActionItem, Postmortem, Review, Section
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.rows import RowFactory


class PostmortemFactory(RowFactory[Postmortem]):
    """A draft without sections, for a closed incident, owed 48 hours after it; its audience is the incident's."""

    class Meta:
        model = Postmortem

    class Params:
        published = factory.Trait(
            status=PostmortemStatus.PUBLISHED,
            published_at=factory.LazyAttribute(lambda postmortem: postmortem.opened_at + timedelta(hours=24)),
            published_by=factory.SubFactory(UserFactory),
        )

    incident = factory.SubFactory(IncidentFactory, closed=True)
    audience = factory.SelfAttribute("incident.audience")
    author = factory.SubFactory(UserFactory)
    opened_at = NOW + timedelta(hours=1)
    due_at = factory.LazyAttribute(lambda postmortem: postmortem.opened_at + timedelta(hours=48))


class SectionFactory(RowFactory[Section]):
    """The empty summary."""

    class Meta:
        model = Section

    postmortem = factory.SubFactory(PostmortemFactory)
    key = SectionKey.SUMMARY
    heading = factory.LazyAttribute(lambda section: SectionKey(section.key).label)
    position = factory.LazyAttribute(lambda section: SectionKey.values.index(section.key))


class ReviewFactory(RowFactory[Review]):
    """Somebody was asked to read it and has not yet."""

    class Meta:
        model = Review

    postmortem = factory.SubFactory(PostmortemFactory)
    reviewer = factory.SubFactory(UserFactory)
    asked_at = NOW + timedelta(hours=2)


class ActionItemFactory(RowFactory[ActionItem]):
    """One change, due a week after the incident."""

    class Meta:
        model = ActionItem

    postmortem = factory.SubFactory(PostmortemFactory)
    number = factory.Sequence(lambda number: number + 1)
    text = "The threshold of detect_injection has a test that fails below 0.5 % of blocks."
    owner = factory.SubFactory(UserFactory)
    due_on = date(2026, 4, 25)
    created_at = NOW + timedelta(hours=2)
