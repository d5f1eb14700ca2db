"""What upper apps may hear of an incident; sent inside the transaction, with the incident as sender."""

from django.dispatch import Signal

incident_declared = Signal()  # incident
incident_resolved = Signal()  # incident, by, now
role_passed_on = Signal()  # incident, held, by, now: who has a role from now on, of an incident that is resolved
incident_reopened = Signal()  # incident, by, now: a resolution that did not hold
public_update_posted = Signal()  # update, by, now: its public_text is what the public may read now
incident_closed = Signal()  # incident, by, now
action_owed = Signal()  # promise, by, now: of kind ACTION_ITEM; something is to be changed afterwards
action_done = Signal()  # promise, by, now: it was
incident_audience_changed = Signal()  # incident, by, now: who may see it is another; incident.audience is the new one
