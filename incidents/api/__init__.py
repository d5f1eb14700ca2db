"""The API of incidents: each noun has its doors in a file of its own, and all hang on this router."""

from ninja import Router

from incidents.api import deployment, entry, incident, status_update

router = Router(tags=["incidents"])
for noun in (incident, entry, status_update, deployment):
    router.add_router("", noun.router)
