"""What people keep of an incident while they read it, and how incidents hang together."""

import factory

from incidents.enums import Relation
from incidents.models import IncidentLink, LastLook, Pin, SentAway
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.incidents import IncidentFactory, TimelineEntryFactory
from tests.factories.rows import RowFactory


class PinFactory(RowFactory[Pin]):
    """An entry on top of the timeline."""

    class Meta:
        model = Pin

    entry = factory.SubFactory(TimelineEntryFactory)
    pinned_at = NOW
    pinned_by = factory.SubFactory(UserFactory)


class LastLookFactory(RowFactory[LastLook]):
    """Somebody who has read nothing yet."""

    class Meta:
        model = LastLook

    incident = factory.SubFactory(IncidentFactory)
    user = factory.SubFactory(UserFactory)
    number = 0
    at = NOW


class SentAwayFactory(RowFactory[SentAway]):
    """Somebody knows that nobody commands."""

    class Meta:
        model = SentAway

    incident = factory.SubFactory(IncidentFactory)
    user = factory.SubFactory(UserFactory)
    hint = "no_commander"
    at = NOW


class IncidentLinkFactory(RowFactory[IncidentLink]):
    """Two incidents that are related."""

    class Meta:
        model = IncidentLink

    source = factory.SubFactory(IncidentFactory)
    target = factory.SubFactory(IncidentFactory)
    relation = Relation.RELATED
    at = NOW
