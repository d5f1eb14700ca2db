"""Addresses of the post office."""

from django.urls import URLPattern, path

from comms.views.browser import browser_add, browser_list, browser_worker
from comms.views.contact_point import (
    contact_point_add,
    contact_point_change,
    contact_point_code,
    contact_point_list,
    contact_point_switch,
    contact_point_verify,
    contact_rule_add,
    contact_rule_adopt,
    contact_rule_remove,
)
from comms.views.proof import proof_code, proof_confirm, proof_start
from comms.views.report import delivery_report, gateway_report

app_name = "comms"
urlpatterns: list[URLPattern] = [
    # report
    path("in/twilio/report/<uuid:message>/", delivery_report, name="delivery-report"),
    path("in/sms/report/<str:secret>/", gateway_report, name="gateway-report"),
    # contact_point
    path("people/<handle>/reach/", contact_point_list, name="contact-point-list"),
    path("people/<handle>/reach/add/", contact_point_add, name="contact-point-add"),
    path("people/<handle>/reach/<int:point>/change/", contact_point_change, name="contact-point-change"),
    path("people/<handle>/reach/<int:point>/switch/", contact_point_switch, name="contact-point-switch"),
    path("people/<handle>/reach/<int:point>/code/", contact_point_code, name="contact-point-code"),
    path("people/<handle>/reach/<int:point>/verify/", contact_point_verify, name="contact-point-verify"),
    path("people/<handle>/reach/rules/add/", contact_rule_add, name="contact-rule-add"),
    path("people/<handle>/reach/rules/<int:rule>/remove/", contact_rule_remove, name="contact-rule-remove"),
    path("people/<handle>/reach/rules/<chain>/adopt/", contact_rule_adopt, name="contact-rule-adopt"),
    # proof
    path("people/<handle>/reach/page/", proof_start, name="proof-start"),
    path("people/<handle>/reach/confirm/", proof_code, name="proof-code"),
    path("reached/<proof>/", proof_confirm, name="proof-confirm"),
    # browser
    path("push-worker.js", browser_worker, name="browser-worker"),
    path("me/browsers/", browser_list, name="browser-list"),
    path("me/browsers/add/", browser_add, name="browser-add"),
]
