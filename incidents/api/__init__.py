"""The API of incidents: each noun has its doors in a file of its own, and all hang on this router."""

from ninja import Router

from incidents.api import (
    checklist,
    decision,
    deployment,
    entry,
    flag,
    handover,
    hypothesis,
    incident,
    owed,
    responder,
    role,
    severity,
    status,
    status_update,
    task,
)

router = Router(tags=["incidents"])
for noun in (incident, entry, status, severity, role, responder, handover, owed):
    router.add_router("", noun.router)
for noun in (task, hypothesis, decision, checklist, flag, status_update, deployment):
    router.add_router("", noun.router)
