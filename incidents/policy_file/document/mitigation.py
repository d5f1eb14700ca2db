"""The catalogue of mitigations and the table of symptoms."""

from incidents.models import MitigationOption, Symptom
from incidents.policy_file import fields as f
from incidents.policy_file.document.part import Part, says


class MitigationPart(Part):
    """One way to stop the bleeding."""

    ROW = MitigationOption
    CALLED = "the mitigation"

    slug: f.Slug = says("Short name", "Like rollback.")
    name: f.Group = says("Name", "Like “Roll back the deploy”.")
    when: f.Example | None = says("When", "Like “A deploy caused it”.", None)
    risk: f.Risk | None = says("Risk", "How dangerous it is.", None)
    speed: f.ShortName | None = says("Speed", "In words, like 5-10 min.", None)
    command: f.Text | None = says("Command", "Like helm rollback {release} {revision}.", None, wide=True)
    way_back: f.Text | None = says("Way back", "What undoes it, like helm rollback {release}.", None, wide=True)
    target: f.Example | None = says("Target", "What is seen when it works, like “errors below 1 %”.", None)
    watch_for: f.DurationText | None = says("Look after", "Whether it worked, like 5 min.", None)


class SymptomPart(Part):
    """From what is seen to what is likely."""

    ROW = Symptom
    CALLED = "the symptom"
    NAMED_BY = "symptom"

    symptom: f.Example = says("Symptom", "Like “Latency rises all at once”.")
    cause: f.Example = says("Likely cause", "Like “A slow query”.")
    look: f.Example | None = says("Where to look", "Like “The log of slow queries”.", None)
    mitigation: f.Slug | None = says("Mitigation", "Of the catalogue, like rollback.", None)
    runbook: f.Slug | None = says("Runbook", "Like database-failure.", None)
