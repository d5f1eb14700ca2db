"""The nouns of incidents."""

from incidents.models.incident import Incident, SeverityChange, Submission
from incidents.models.ladder import Duty, Ladder, LadderVersion, Level, LevelPage, RoleDefinition
from incidents.models.promise import Promise
from incidents.models.role import RoleAssignment
from incidents.models.status_update import StatusUpdate
from incidents.models.timeline import TimelineEntry

__all__ = [
    "Duty",
    "Incident",
    "Ladder",
    "LadderVersion",
    "Level",
    "LevelPage",
    "Promise",
    "RoleAssignment",
    "RoleDefinition",
    "SeverityChange",
    "StatusUpdate",
    "Submission",
    "TimelineEntry",
]
