"""Who is let into a private thing, by whom and why."""

import pytest

from accounts.actions.audience import admit
from accounts.actor import MUSTER, Actor
from accounts.enums import TokenScope
from accounts.models import AudienceMember
from core.errors import InvalidInput, NotAllowed
from tests.factories.accounts import ActorFactory, AudienceFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_person_is_let_in_with_the_reason_and_stays_as_they_came(now):
    audience, ana = AudienceFactory(), UserFactory()
    admin = ActorFactory(user__admin=True)

    first = admit(audience, ana, by=MUSTER, now=now, reason="A page reached them")
    again = admit(audience, ana, by=admin, now=now, reason="Another reason")

    assert again == first == AudienceMember.objects.get()
    assert (first.user, first.reason, first.added_at, first.added_by) == (ana, "A page reached them", now, None)


def test_an_admin_comes_in_with_a_reason_on_record(now):
    audience, admin = AudienceFactory(members=[UserFactory()]), ActorFactory(user__admin=True)

    member = admit(audience, admin.user, by=admin, now=now, reason="Asked by legal")

    assert (member.user, member.reason, member.added_by) == (admin.user, "Asked by legal", admin.user)


def test_whoever_is_in_lets_others_in(now):
    ana, jens = UserFactory.create_batch(2)
    audience = AudienceFactory(members=[ana])

    admit(audience, jens, by=Actor(user=ana), now=now, reason="Knows the database")

    assert set(audience.members.all()) == {ana, jens}


@pytest.mark.parametrize("is_in", [True, False])
def test_an_outsider_lets_nobody_in_and_nor_does_a_key_that_only_reads(now, is_in):
    outsider, inside = UserFactory.create_batch(2)
    audience = AudienceFactory(members=[inside])
    actor = Actor(user=inside, scope=TokenScope.READ) if is_in else Actor(user=outsider)

    with pytest.raises(NotAllowed, match="Only somebody who was let in, or an admin, may let others in"):
        admit(audience, outsider, by=actor, now=now, reason="Curious")

    assert list(audience.members.all()) == [inside]


def test_without_a_reason_nobody_is_let_in(now):
    audience = AudienceFactory()

    with pytest.raises(InvalidInput) as refusal:
        admit(audience, UserFactory(), by=MUSTER, now=now, reason="  ")

    assert refusal.value.field == "reason"
    assert audience.members.count() == 0
