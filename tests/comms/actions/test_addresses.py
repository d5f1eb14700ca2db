"""Who may say how people and channels are reached."""

import pytest

from accounts.actions.user import create_user, set_user
from accounts.actor import MUSTER, Actor
from accounts.enums import TokenScope
from accounts.models import User
from comms.actions.contact_point import set_contact_point
from comms.actions.subscription import set_subscription
from comms.enums import Transport
from comms.models import ContactPoint, Subscription
from comms.queries.reach import unreachable
from core.errors import InvalidInput, NotAllowed
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.comms import ContactPointFactory, SubscriptionFactory

pytestmark = pytest.mark.django_db


def mail(user, address="ana@example.org"):
    return ContactPoint(user=user, transport=Transport.EMAIL, address=address)


def test_a_person_sets_their_own_and_an_admin_everybodys(now):
    ana = UserFactory()

    set_contact_point(mail(ana), by=Actor(user=ana), now=now)
    set_contact_point(mail(ana, "two@example.org"), by=ActorFactory(user__admin=True), now=now)

    assert [point.address for point in ana.contact_points.all()] == ["ana@example.org", "two@example.org"]


@pytest.mark.parametrize("is_own", [True, False])
def test_nobody_sets_anothers_nor_ones_own_by_a_key_for_responding(now, is_own):
    ana = UserFactory(handle="ana")
    actor = Actor(user=ana, scope=TokenScope.RESPOND) if is_own else ActorFactory()

    with pytest.raises(NotAllowed, match="Only @ana or an admin may say how @ana is reached"):
        set_contact_point(mail(ana), by=actor, now=now)

    assert ContactPoint.objects.count() == 0


def test_the_same_address_twice_is_refused(now):
    ana = UserFactory()
    set_contact_point(mail(ana), by=Actor(user=ana), now=now)

    with pytest.raises(InvalidInput) as refusal:
        set_contact_point(mail(ana), by=Actor(user=ana), now=now)

    assert (refusal.value.field, ContactPoint.objects.count()) == ("", 1)


def test_only_an_admin_changes_a_channel(now):
    channel = SubscriptionFactory()
    channel.address = "https://example.org/elsewhere"

    with pytest.raises(NotAllowed, match="Only an admin may change a standing channel"):
        set_subscription(channel, by=ActorFactory(), now=now)

    assert Subscription.objects.get().address == "http://127.0.0.1:9/hook"


def test_a_channel_with_a_wrong_address_is_refused_with_its_field(now):
    channel = SubscriptionFactory.build(address="nowhere")

    with pytest.raises(InvalidInput) as refusal:
        set_subscription(channel, by=ActorFactory(user__admin=True), now=now)

    assert (refusal.value.field, Subscription.objects.count()) == ("address", 0)


def test_a_browser_is_no_standing_channel(now):
    channel = SubscriptionFactory.build(transport=Transport.PUSH, address="https://push.example.org/1")

    with pytest.raises(InvalidInput, match="A push goes to a person's browser") as refusal:
        set_subscription(channel, by=MUSTER, now=now)

    assert (refusal.value.field, Subscription.objects.count()) == ("transport", 0)


def test_whoever_is_added_with_a_mail_address_is_rung_there_until_they_say_otherwise(now):
    chief = ActorFactory(user__admin=True)

    ana = create_user(by=chief, now=now, handle="ana", email="ana@example.org")
    create_user(by=chief, now=now, handle="jens")
    ana.email = "other@example.org"
    set_user(ana, by=chief, now=now)

    points = ContactPoint.objects.values_list("user__handle", "transport", "address", "verified_at")
    assert list(points) == [("ana", Transport.EMAIL, "ana@example.org", None)]
    assert [user.handle for user in unreachable(User.objects.filter(handle__in=["ana", "jens"]))] == ["jens"]


def test_whoever_gets_a_mail_address_later_is_rung_there_and_nobody_who_switched_theirs_off(now):
    chief, jens = ActorFactory(user__admin=True), UserFactory(email="")
    mira = ContactPointFactory(is_enabled=False).user
    jens.email = "jens@example.org"

    set_user(jens, by=chief, now=now)
    set_user(mira, by=chief, now=now)

    assert [point.address for point in ContactPoint.objects.filter(is_enabled=True)] == ["jens@example.org"]
