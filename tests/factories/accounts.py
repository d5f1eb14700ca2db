"""People, teams, keys, audiences, and the actor that every action asks for."""

import hashlib
from collections.abc import Iterable
from typing import Any

import factory

from accounts.actor import Actor
from accounts.enums import AccessLevel, TokenScope, Via
from accounts.models import ApiToken, Audience, AudienceMember, Team, User
from tests.factories import NOW
from tests.factories.rows import RowFactory

PASSWORD = "correct horse battery"


class UserFactory(RowFactory[User]):
    """A responder in UTC who signs in with PASSWORD. `viewer=True` or `admin=True` for the other two levels."""

    class Meta:
        model = User

    class Params:
        viewer = factory.Trait(access=AccessLevel.VIEWER)
        admin = factory.Trait(access=AccessLevel.ADMIN)

    handle = factory.Sequence(lambda number: f"person{number}")
    name = factory.LazyAttribute(lambda user: user.handle.capitalize())
    email = factory.LazyAttribute(lambda user: f"{user.handle}@example.org")
    password = factory.django.Password(PASSWORD)
    access = AccessLevel.RESPONDER


class ActorFactory(factory.Factory[Actor]):
    """A responder who came by the web; `ActorFactory(user__admin=True)` or `ActorFactory(user=ana)` for others."""

    class Meta:
        model = Actor

    user = factory.SubFactory(UserFactory)
    via = Via.WEB


class TeamFactory(RowFactory[Team]):
    """A team; `TeamFactory(members=[ana, jens])` fills it."""

    class Meta:
        model = Team

    slug = factory.Sequence(lambda number: f"team-{number}")
    name = factory.LazyAttribute(lambda team: team.slug.replace("-", " ").capitalize())

    @factory.post_generation
    def members(self, create: bool, extracted: Iterable[User] | None, **_: Any) -> None:
        """The people in it."""
        if create and extracted:
            self.members.set(extracted)


class ApiTokenFactory(RowFactory[ApiToken]):
    """A key that reads. Its whole text is `mst_<prefix>_<secret>` with the secret given as a parameter."""

    class Meta:
        model = ApiToken

    class Params:
        secret = "only-a-test-knows-it"

    user = factory.SubFactory(UserFactory)
    prefix = factory.Sequence(lambda number: f"test{number:06d}")
    digest = factory.LazyAttribute(lambda token: hashlib.sha256(token.secret.encode()).hexdigest())
    scope = TokenScope.READ
    created_at = NOW


class AudienceFactory(RowFactory[Audience]):
    """A closed list of people; `AudienceFactory(members=[ana])` lets Ana in."""

    class Meta:
        model = Audience

    @factory.post_generation
    def members(self, create: bool, extracted: Iterable[User] | None, **_: Any) -> None:
        """Who is let in."""
        for user in extracted or () if create else ():
            AudienceMemberFactory(audience=self, user=user)


class AudienceMemberFactory(RowFactory[AudienceMember]):
    """One person let in by Muster."""

    class Meta:
        model = AudienceMember

    audience = factory.SubFactory(AudienceFactory)
    user = factory.SubFactory(UserFactory)
    reason = "Named when it was made private"
    added_at = NOW
