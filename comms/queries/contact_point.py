"""How one person is reached, for their own page: addresses, chains in words, proofs, and what is wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Prefetch

from accounts.models import User
from comms.enums import Urgency
from comms.models import ContactCode, ContactPoint, ContactRule, ReachProof
from comms.models.contact_point import moment_in_words
from comms.plan import Try, tries

PROVEN_FOR = timedelta(days=30)


@dataclass(frozen=True)
class PointLine:
    """One address: when it was last proven, what of a newer test page, and the code that may be typed."""

    point: ContactPoint
    proven_at: datetime | None
    waiting: ReachProof | None
    code: ContactCode | None


@dataclass(frozen=True)
class Moment:
    """What happens in a chain at one moment: “at once” or “after 2 min”."""

    words: str
    tries: list[Try]


@dataclass(frozen=True)
class ChainLine:
    """One chain as a timeline; `rules` are its person's own, none when it is the standard one."""

    key: Urgency
    moments: list[Moment]
    refused: list[Try]
    rules: list[ContactRule]


@dataclass(frozen=True)
class PersonReach:
    """Everything on the page. `warnings` are sentences, the worst first."""

    person: User
    points: list[PointLine]
    chains: list[ChainLine]
    warnings: list[str]

    @property
    def may_confirm(self) -> bool:
        """Whether a test page waits to be confirmed."""
        return any(line.waiting for line in self.points)


def person_reach(person: User, now: datetime) -> PersonReach:
    """How `person` is reached at `now`, in three queries."""
    proofs = Prefetch("proofs", ReachProof.objects.select_related("message").order_by("-sent_at", "-pk"))
    points = list(
        ContactPoint.objects.filter(user=person)
        .select_related("code")
        .prefetch_related("rules", proofs)
        .order_by("pk")
    )
    lines = [_line(point, now) for point in points]
    chains = [_chain(points, urgency) for urgency in (Urgency.URGENT, Urgency.NORMAL)]
    return PersonReach(person, lines, chains, _warnings(lines, chains[0], now))


def _line(point: ContactPoint, now: datetime) -> PointLine:
    proofs = list(point.proofs.all())
    proven = next((proof.confirmed_at for proof in proofs if proof.confirmed_at), None)
    newest = proofs[0] if proofs and proofs[0].is_open(now) else None
    code = getattr(point, "code", None)
    return PointLine(point, proven, newest, code if code and code.is_open(now) else None)


def _chain(points: list[ContactPoint], urgency: Urgency) -> ChainLine:
    lines = tries(points, urgency)
    tried = [one for one in lines if not one.reason]
    moments = [
        Moment(moment_in_words(after), list(together)) for after, together in groupby(tried, key=lambda one: one.after)
    ]
    rules = sorted(
        (rule for point in points for rule in point.rules.all() if rule.chain == urgency),
        key=lambda rule: (rule.after_seconds, rule.pk),
    )
    return ChainLine(urgency, moments, [one for one in lines if one.reason], rules)


def _warnings(lines: list[PointLine], urgent: ChainLine, now: datetime) -> list[str]:
    used = {one.point.pk for moment in urgent.moments for one in moment.tries}
    ringing = [line for line in lines if line.point.pk in used]
    if not ringing:
        return ["Nothing reaches this person: no contact point is switched on. Nobody can page them."]
    said = []
    if not any(line.point.verified_at for line in ringing):
        said.append("No contact point is verified. These are used only because there is no other.")
    if len({line.point.transport for line in ringing}) == 1:
        way = ringing[0].point.get_transport_display()
        said.append(f"Everything depends on one channel: {way}. Add a second one for the night when it is down.")
    if not any(line.proven_at and now - line.proven_at <= PROVEN_FOR for line in ringing):
        said.append("No test page was confirmed in the last 30 days. Page yourself now to know that it works.")
    return said
