"""The nouns of escalation."""

from escalation.models.business_hours import BusinessHours
from escalation.models.calendar_source import CalendarSource
from escalation.models.feed import CalendarFeed
from escalation.models.fixed_layer import FixedLayer
from escalation.models.fixed_shift import FixedShift
from escalation.models.hold import PageHold
from escalation.models.incoming import IncomingAnswer
from escalation.models.maintenance import MaintenanceWindow
from escalation.models.page import Page, PageAnswer, PageAttempt, PageRecurrence, SignOfLife
from escalation.models.plan_b import PlanBReader, PlanBSheet
from escalation.models.policy import Policy, PolicyStep, StepTarget
from escalation.models.role_contact import RoleContact
from escalation.models.schedule import Override, Rotation, RotationMember, Schedule
from escalation.models.service import Service
from escalation.models.swap import ShiftSwap
from escalation.models.temporary_schedule import TemporarySchedule

__all__ = [
    "BusinessHours",
    "CalendarFeed",
    "CalendarSource",
    "FixedLayer",
    "FixedShift",
    "IncomingAnswer",
    "MaintenanceWindow",
    "Override",
    "Page",
    "PageAnswer",
    "PageAttempt",
    "PageHold",
    "PageRecurrence",
    "PlanBReader",
    "PlanBSheet",
    "Policy",
    "PolicyStep",
    "RoleContact",
    "Rotation",
    "RotationMember",
    "Schedule",
    "Service",
    "ShiftSwap",
    "SignOfLife",
    "StepTarget",
    "TemporarySchedule",
]
