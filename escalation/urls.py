"""Addresses of escalation."""

from django.urls import URLPattern, path

from escalation.views.answer import answer_link

app_name = "escalation"
urlpatterns: list[URLPattern] = [
    path("a/<str:token>/", answer_link, name="answer-link"),
]
