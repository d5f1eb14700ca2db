"""Addresses of the post office."""

from django.urls import URLPattern, path

from comms.views.browser import browser_add, browser_list, browser_worker
from comms.views.report import delivery_report

app_name = "comms"
urlpatterns: list[URLPattern] = [
    # report
    path("in/twilio/report/<uuid:message>/", delivery_report, name="delivery-report"),
    # browser
    path("push-worker.js", browser_worker, name="browser-worker"),
    path("me/browsers/", browser_list, name="browser-list"),
    path("me/browsers/add/", browser_add, name="browser-add"),
]
