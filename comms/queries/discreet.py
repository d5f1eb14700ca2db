"""Whether something is to be said without words."""

from comms.models import DiscreetSubject


def is_discreet(subject_key: str) -> bool:
    """Whether what is said about this subject leaves phones without its words. One query."""
    return DiscreetSubject.objects.filter(subject_key=subject_key).exists()
