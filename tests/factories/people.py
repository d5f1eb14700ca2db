"""Who is in an incident beside its roles: responders, sub-teams, handovers; and their morning mails."""

from datetime import timedelta

import factory

from incidents.models import Digest, Handover, Responder, SubTeam, SubTeamMember
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.rows import RowFactory


class ResponderFactory(RowFactory[Responder]):
    """Somebody who is here."""

    class Meta:
        model = Responder

    incident = factory.SubFactory(IncidentFactory)
    user = factory.SubFactory(UserFactory)
    joined_at = NOW


class SubTeamFactory(RowFactory[SubTeam]):
    """A sub-team without members."""

    class Meta:
        model = SubTeam

    incident = factory.SubFactory(IncidentFactory)
    name = factory.Sequence(lambda number: f"team-{number}")
    lead = factory.SubFactory(UserFactory)
    made_at = NOW


class SubTeamMemberFactory(RowFactory[SubTeamMember]):
    """The lead of a sub-team, as its member."""

    class Meta:
        model = SubTeamMember

    team = factory.SubFactory(SubTeamFactory)
    user = factory.SelfAttribute("team.lead")
    joined_at = NOW


class HandoverFactory(RowFactory[Handover]):
    """Command, offered and not answered yet."""

    class Meta:
        model = Handover

    incident = factory.SubFactory(IncidentFactory)
    number = 1
    role = "commander"
    name = "Commander"
    from_user = factory.SubFactory(UserFactory)
    to_user = factory.SubFactory(UserFactory)
    brief = "**What:** blocks spike."
    html = factory.LazyAttribute(lambda handover: f"<p>{handover.brief}</p>")
    offered_at = NOW


class DigestFactory(RowFactory[Digest]):
    """The morning after NOW."""

    class Meta:
        model = Digest

    user = factory.SubFactory(UserFactory)
    day = factory.LazyAttribute(lambda digest: digest.wake_at.date())
    wake_at = NOW + timedelta(hours=20)
