"""Services, policies, schedules and business hours in the admin; pages are answered in their room, not here."""

from escalation.admin.business_hours import BusinessHoursAdmin
from escalation.admin.policy import PolicyAdmin, PolicyStepAdmin
from escalation.admin.schedule import ScheduleAdmin
from escalation.admin.service import ServiceAdmin

__all__ = ["BusinessHoursAdmin", "PolicyAdmin", "PolicyStepAdmin", "ScheduleAdmin", "ServiceAdmin"]
