"""The API of incidents: each noun has its doors in a file of its own, and all hang on this router."""

from ninja import Router

from incidents.api import (
    audience,
    checklist,
    decision,
    deployment,
    entry,
    flag,
    handover,
    hypothesis,
    incident,
    link,
    mitigation,
    owed,
    responder,
    role,
    runbook,
    severity,
    status,
    status_update,
    task,
)

router = Router(tags=["incidents"])
for noun in (incident, entry, status, severity, audience, link, role, responder, handover, owed):
    router.add_router("", noun.router)
for noun in (task, hypothesis, decision, mitigation, runbook, checklist, flag, status_update, deployment):
    router.add_router("", noun.router)
