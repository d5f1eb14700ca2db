"""Services, policies and schedules in the admin; pages are answered in their room, not here."""

from escalation.admin.policy import PolicyAdmin, PolicyStepAdmin
from escalation.admin.schedule import ScheduleAdmin
from escalation.admin.service import ServiceAdmin

__all__ = ["PolicyAdmin", "PolicyStepAdmin", "ScheduleAdmin", "ServiceAdmin"]
