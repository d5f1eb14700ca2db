"""The nouns of accounts."""

from accounts.models.audience import Audience, AudienceMember
from accounts.models.team import Team
from accounts.models.token import ApiToken
from accounts.models.user import User

__all__ = ["ApiToken", "Audience", "AudienceMember", "Team", "User"]
