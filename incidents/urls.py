"""Addresses of incidents, one group for each noun."""

from django.urls import URLPattern, path

from incidents.views.board import board_show, incident_list
from incidents.views.declare import incident_declare
from incidents.views.health import engine_face, healthz, readyz
from incidents.views.stream import incident_stream

app_name = "incidents"
urlpatterns: list[URLPattern] = [
    # board
    path("", board_show, name="board"),
    # health
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("engine/", engine_face, name="engine-face"),
    # incident
    path("declare/", incident_declare, name="incident-declare"),
    path("incidents/", incident_list, name="incident-list"),
    path("incidents/<str:reference>/stream", incident_stream, name="incident-stream"),
    # (the room and its acts go here)
]
