"""Services, policies, schedules and business hours in the admin; what came in is read; pages have their room."""

from escalation.admin.business_hours import BusinessHoursAdmin
from escalation.admin.incoming import IncomingAnswerAdmin
from escalation.admin.plan_b import PlanBReaderAdmin
from escalation.admin.policy import PolicyAdmin, PolicyStepAdmin
from escalation.admin.role_contact import RoleContactAdmin
from escalation.admin.schedule import ScheduleAdmin
from escalation.admin.service import ServiceAdmin

__all__ = [
    "BusinessHoursAdmin",
    "IncomingAnswerAdmin",
    "PlanBReaderAdmin",
    "PolicyAdmin",
    "PolicyStepAdmin",
    "RoleContactAdmin",
    "ScheduleAdmin",
    "ServiceAdmin",
]
