"""What a ladder holds beside its levels: phases, mitigations, runbooks, flags, texts, the postmortem's template."""

import factory

from incidents.enums import Occasion, TextAudience
from incidents.models import (
    Chain,
    ChainStep,
    Contact,
    CriticalDecision,
    EscalationRule,
    Flag,
    LevelRole,
    LinkTemplate,
    MessageTemplate,
    MitigationOption,
    Phase,
    PhaseItem,
    PhaseTrouble,
    PostmortemSection,
    PostmortemTemplate,
    QuickAction,
    Runbook,
    Symptom,
)
from tests.factories.incidents import LadderVersionFactory, LevelFactory
from tests.factories.rows import RowFactory


class LevelRoleFactory(RowFactory[LevelRole]):
    """A seat that whoever likes may take."""

    class Meta:
        model = LevelRole

    level = factory.SubFactory(LevelFactory)
    position = factory.Sequence(lambda number: number)
    role = factory.Sequence(lambda number: f"role-{number}")


class PhaseFactory(RowFactory[Phase]):
    """A phase without a time box."""

    class Meta:
        model = Phase

    version = factory.SubFactory(LadderVersionFactory)
    position = factory.Sequence(lambda number: number)
    slug = factory.Sequence(lambda number: f"phase-{number}")
    name = factory.LazyAttribute(lambda phase: phase.slug.replace("-", " ").capitalize())


class PhaseItemFactory(RowFactory[PhaseItem]):
    """A step at every level."""

    class Meta:
        model = PhaseItem

    phase = factory.SubFactory(PhaseFactory)
    position = factory.Sequence(lambda number: number)
    text = factory.Sequence(lambda number: f"Look at graph {number}")


class PhaseTroubleFactory(RowFactory[PhaseTrouble]):
    """What may go wrong."""

    class Meta:
        model = PhaseTrouble

    phase = factory.SubFactory(PhaseFactory)
    position = factory.Sequence(lambda number: number)
    issue = "Ten alerts at once"
    remedy = "Treat them as one incident"


class MitigationOptionFactory(RowFactory[MitigationOption]):
    """A command with two parameters."""

    class Meta:
        model = MitigationOption

    version = factory.SubFactory(LadderVersionFactory)
    position = factory.Sequence(lambda number: number)
    slug = factory.Sequence(lambda number: f"mitigation-{number}")
    name = "Roll back the deploy"
    command = "helm rollback {release} {revision}"


class SymptomFactory(RowFactory[Symptom]):
    """One row of the table."""

    class Meta:
        model = Symptom

    version = factory.SubFactory(LadderVersionFactory)
    position = factory.Sequence(lambda number: number)
    symptom = factory.Sequence(lambda number: f"Latency rises {number}")
    cause = "A slow query"


class RunbookFactory(RowFactory[Runbook]):
    """A scenario without anything to do."""

    class Meta:
        model = Runbook

    version = factory.SubFactory(LadderVersionFactory)
    position = factory.Sequence(lambda number: number)
    slug = factory.Sequence(lambda number: f"runbook-{number}")
    name = "The database fails"


class QuickActionFactory(RowFactory[QuickAction]):
    """One thing to do."""

    class Meta:
        model = QuickAction

    runbook = factory.SubFactory(RunbookFactory)
    position = factory.Sequence(lambda number: number)
    text = "Check whether names resolve"


class CriticalDecisionFactory(RowFactory[CriticalDecision]):
    """To be decided in ten minutes."""

    class Meta:
        model = CriticalDecision

    runbook = factory.SubFactory(RunbookFactory)
    position = factory.Sequence(lambda number: number)
    text = "Fail over, or not"
    within = "10 min"


class FlagFactory(RowFactory[Flag]):
    """A flag that changes nobody's rights."""

    class Meta:
        model = Flag

    version = factory.SubFactory(LadderVersionFactory)
    position = factory.Sequence(lambda number: number)
    slug = factory.Sequence(lambda number: f"flag-{number}")
    name = "The API is concerned"


class ChainFactory(RowFactory[Chain]):
    """How a policy is meant to ring."""

    class Meta:
        model = Chain

    version = factory.SubFactory(LadderVersionFactory)
    position = factory.Sequence(lambda number: number)
    policy = factory.Sequence(lambda number: f"policy-{number}")


class ChainStepFactory(RowFactory[ChainStep]):
    """Who is on call now, for as long as the level says."""

    class Meta:
        model = ChainStep

    chain = factory.SubFactory(ChainFactory)
    position = factory.Sequence(lambda number: number)
    who = factory.Sequence(lambda number: f"Number {number} in the rotation")
    schedule = "platform"


class EscalationRuleFactory(RowFactory[EscalationRule]):
    """By time, at every level."""

    class Meta:
        model = EscalationRule

    version = factory.SubFactory(LadderVersionFactory)
    position = factory.Sequence(lambda number: number)
    name = factory.Sequence(lambda number: f"Not resolved in 30 min, {number}")
    unresolved_after = "30 min"
    policies = factory.LazyFunction(lambda: ["engineering-manager"])


class MessageTemplateFactory(RowFactory[MessageTemplate]):
    """A text for those inside."""

    class Meta:
        model = MessageTemplate

    version = factory.SubFactory(LadderVersionFactory)
    position = factory.Sequence(lambda number: number)
    audience = TextAudience.INTERNAL
    occasion = Occasion.UPDATE
    text = "{level}: {summary}"


class LinkTemplateFactory(RowFactory[LinkTemplate]):
    """A dashboard of every service."""

    class Meta:
        model = LinkTemplate

    version = factory.SubFactory(LadderVersionFactory)
    position = factory.Sequence(lambda number: number)
    name = factory.Sequence(lambda number: f"Dashboard {number}")
    url = "https://dash.example.com/d/{service}"


class ContactFactory(RowFactory[Contact]):
    """Whom to reach."""

    class Meta:
        model = Contact

    version = factory.SubFactory(LadderVersionFactory)
    position = factory.Sequence(lambda number: number)
    role = factory.Sequence(lambda number: f"Role {number}")
    method = "Muster, then phone"


class PostmortemTemplateFactory(RowFactory[PostmortemTemplate]):
    """A template without sections."""

    class Meta:
        model = PostmortemTemplate

    version = factory.SubFactory(LadderVersionFactory)
    action_label = "post-mortem"


class PostmortemSectionFactory(RowFactory[PostmortemSection]):
    """One section of text."""

    class Meta:
        model = PostmortemSection

    template = factory.SubFactory(PostmortemTemplateFactory)
    position = factory.Sequence(lambda number: number)
    slug = factory.Sequence(lambda number: f"section-{number}")
    title = "Root cause"
