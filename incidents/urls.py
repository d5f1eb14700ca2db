"""Addresses of incidents."""

from django.urls import URLPattern, path

from incidents.views.stream import incident_stream

app_name = "incidents"
urlpatterns: list[URLPattern] = [
    path("incidents/<str:reference>/stream", incident_stream, name="incident-stream"),
]
