"""The people of the demo: who they are, how they are reached, in which teams they are."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password

from accounts.actions.team import set_team
from accounts.actions.user import create_user, set_user
from accounts.actor import Actor
from accounts.enums import AccessLevel
from accounts.models import Team, User
from comms.actions.contact_point import set_contact_point, set_contact_rule
from comms.actions.subscription import set_subscription
from comms.enums import MessageKind, Transport, Urgency
from comms.models import ContactPoint, ContactRule, Subscription

# A domain that can never receive mail (RFC 2606), and numbers that are kept free for stories by those who give numbers
# out (Ofcom 020 7946 0xxx, NANP 555-01xx, Bundesnetzagentur 030 23125 xxx): whatever a demo sends, it reaches nobody.
DOMAIN = "muster.example"


@dataclass(frozen=True)
class Person:
    """One person of the demo."""

    handle: str
    name: str
    time_zone: str
    phone: str = ""
    access: AccessLevel = AccessLevel.RESPONDER

    @property
    def email(self) -> str:
        """Where their mail goes."""
        return f"{self.handle}@{DOMAIN}"


PEOPLE = (
    Person("ana", "Ana Sousa", "Europe/Lisbon", "+442079460101", AccessLevel.ADMIN),
    Person("jens", "Jens Albrecht", "Europe/Berlin", "+493023125102"),
    Person("tomas", "Tomáš Novák", "Europe/Prague", "+442079460103"),
    Person("mira", "Mira Chen", "America/New_York", "+12125550104"),
    Person("liv", "Liv Berg", "America/Los_Angeles", "+13105550105"),
    Person("noor", "Noor Haddad", "Asia/Dubai", access=AccessLevel.VIEWER),
)
# Her page shows what an address looks like that nobody has proved yet.
UNVERIFIED = "liv"
# His page shows a contact order of one's own, and in the story he proves that it reaches him.
OWN_ORDER = "jens"
TEAMS = {
    "platform": ("Platform", ("jens", "tomas", "mira")),
    "leadership": ("Leadership", ("ana", "liv")),
    "support": ("Customer support", ("noor",)),
}
CHANNEL = "incidents"
CHANNEL_KINDS = (MessageKind.THREAD, MessageKind.STATUS_UPDATE, MessageKind.NOTICE)


def set_up_people(*, by: Actor, now: datetime) -> tuple[dict[str, User], list[User]]:
    """Make whoever is missing, with a mail address to be paged at; ({handle: person}, those who are new).

    Nobody has a password yet. Somebody who has a handle of the demo already is left as they are.
    """
    people: dict[str, User] = {}
    new = []
    for person in PEOPLE:
        user = User.objects.filter(handle=person.handle).first()
        if user is None:
            user = create_user(
                by=by,
                now=now,
                handle=person.handle,
                name=person.name,
                email=person.email,
                access=person.access,
                time_zone=person.time_zone,
                phone=person.phone,
            )
            if person.handle != UNVERIFIED:
                point = ContactPoint.objects.get(user=user)
                point.verified_at = now
                set_contact_point(point, by=by, now=now)
            if person.handle == OWN_ORDER:
                _order_addresses(user, by=by, now=now)
            new.append(user)
        people[person.handle] = user
    return people, new


def _order_addresses(user: User, *, by: Actor, now: datetime) -> None:
    """Their own order: the mail of their account at once, another after a minute, and the first again after three."""
    first = ContactPoint.objects.get(user=user)
    address = f"{user.handle}.at.home@{DOMAIN}"
    second = ContactPoint(user=user, transport=Transport.EMAIL, address=address, verified_at=now)
    set_contact_point(second, by=by, now=now)
    for point, seconds in ((first, 0), (second, 60), (first, 180)):
        set_contact_rule(ContactRule(contact_point=point, chain=Urgency.URGENT, after_seconds=seconds), by=by, now=now)


def set_passwords(people: dict[str, User], password: str, *, by: Actor, now: datetime) -> list[User]:
    """Let the made-up people among `people` sign in with `password`; those whose password that was not before.

    The same hash for all of them: they share the password anyway, and a hash takes a while. Whoever has an address
    outside of the demo's domain is a real person and keeps their password.
    """
    made_up = [user for user in people.values() if user.email.endswith(f"@{DOMAIN}")]
    first = made_up[0].password if made_up else ""
    hashed = first if first and check_password(password, first) else make_password(password)
    changed = [user for user in made_up if user.password != hashed]
    for user in changed:
        user.password = hashed
        set_user(user, by=by, now=now)
    return changed


def set_up_teams(people: dict[str, User], *, by: Actor, now: datetime) -> dict[str, Team]:
    """Make the teams that are missing, and the standing channel; {slug: team}."""
    teams = {}
    for slug, (name, handles) in TEAMS.items():
        team = Team.objects.filter(slug=slug).first()
        if team is None:
            members = [people[handle] for handle in handles]
            team = set_team(Team(slug=slug, name=name), by=by, now=now, members=members)
        teams[slug] = team
    if not Subscription.objects.filter(name=CHANNEL).exists():
        address = f"{CHANNEL}@{DOMAIN}"
        channel = Subscription(
            name=CHANNEL, transport=Transport.EMAIL, address=address, kinds=[str(kind) for kind in CHANNEL_KINDS]
        )
        set_subscription(channel, by=by, now=now)
    return teams
