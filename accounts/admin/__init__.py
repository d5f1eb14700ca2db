"""People, teams and keys in the admin."""

from accounts.admin.team import TeamAdmin
from accounts.admin.token import ApiTokenAdmin
from accounts.admin.user import PersonAdmin

__all__ = ["ApiTokenAdmin", "PersonAdmin", "TeamAdmin"]
