"""The order of locks: the incident before its postmortem, the postmortem before its sections and action items."""

from postmortems.models import Postmortem


def lock_postmortem(postmortem: Postmortem) -> Postmortem:
    """The document's own fresh row, locked until the transaction ends."""
    rows = Postmortem.objects.select_for_update(of=("self",)).select_related(
        "incident__level__version__ladder", "incident__service", "author"
    )
    return rows.get(pk=postmortem.pk)
