"""Incidents in the admin: the policy. What happens in an incident is done in its room, not here."""

from incidents.admin.ladder import LadderAdmin

__all__ = ["LadderAdmin"]
