"""Find an incident by what others call it."""

from incidents.models import Incident


def incident_of(subject_key: str) -> Incident | None:
    """The incident that pages and messages call `incident:INC-…`, or None when it is not one of ours."""
    prefix, _, reference = subject_key.partition(":")
    if prefix != "incident":
        return None
    return Incident.objects.select_related("level__version__ladder", "service").filter(reference=reference).first()
