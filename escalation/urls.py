"""Addresses of escalation, one group for each noun."""

from django.urls import URLPattern, path

from escalation.views.answer import answer_link
from escalation.views.awake import awake_begin, awake_end, awake_link
from escalation.views.calendar_source import source_list, source_read, source_remove, source_replace
from escalation.views.call import call_key, call_speak
from escalation.views.feed import feed_document, feed_list, feed_renew, feed_revoke
from escalation.views.incoming import incoming_mail, incoming_sms, incoming_text
from escalation.views.maintenance import maintenance_end, maintenance_extend, maintenance_list
from escalation.views.override import override_cancel, override_new
from escalation.views.page import page_acknowledge, page_decline, page_detail, page_list, page_ring_next
from escalation.views.plan_b import plan_b_mail, plan_b_show
from escalation.views.press import press_slack, react_slack
from escalation.views.role_contact import contact_list
from escalation.views.schedule import schedule_detail, schedule_list
from escalation.views.swap import shift_list, swap_ask, swap_cancel, swap_detail, swap_take
from escalation.views.temporary_schedule import temporary_cancel, temporary_new
from escalation.views.why import why_detail, why_list

app_name = "escalation"
urlpatterns: list[URLPattern] = [
    # answer
    path("a/<str:token>/", answer_link, name="answer-link"),
    # awake
    path("awake/begin", awake_begin, name="awake-begin"),
    path("awake/end", awake_end, name="awake-end"),
    path("a/<str:token>/awake", awake_link, name="awake-link"),
    # call
    path("a/<str:token>/call/", call_speak, name="call-speak"),
    path("a/<str:token>/call/key", call_key, name="call-key"),
    # incoming
    path("in/twilio/sms/", incoming_sms, name="incoming-sms"),
    path("in/sms/<str:secret>/", incoming_text, name="incoming-text"),
    path("in/mail/<str:secret>/", incoming_mail, name="incoming-mail"),
    # calendar_source
    path("on-call/<slug:slug>/calendars", source_list, name="source-list"),
    path("on-call/<slug:slug>/calendars/read", source_read, name="source-read"),
    path("on-call/<slug:slug>/calendars/replace", source_replace, name="source-replace"),
    path("on-call/<slug:slug>/calendars/remove", source_remove, name="source-remove"),
    # feed
    path("me/feeds/", feed_list, name="feed-list"),
    path("me/feeds/<slug:prefix>/renew", feed_renew, name="feed-renew"),
    path("me/feeds/<slug:prefix>/revoke", feed_revoke, name="feed-revoke"),
    path("calendars/<slug:feed>.ics", feed_document, name="feed-document"),
    # maintenance
    path("maintenance/", maintenance_list, name="maintenance-list"),
    path("maintenance/<slug:window>/extend", maintenance_extend, name="maintenance-extend"),
    path("maintenance/<slug:window>/end", maintenance_end, name="maintenance-end"),
    # override
    path("on-call/<slug:slug>/override", override_new, name="override-new"),
    path("on-call/<slug:slug>/override/cancel", override_cancel, name="override-cancel"),
    # temporary_schedule
    path("on-call/<slug:slug>/temporary", temporary_new, name="temporary-new"),
    path("on-call/<slug:slug>/temporary/cancel", temporary_cancel, name="temporary-cancel"),
    # page
    path("pages/", page_list, name="page-list"),
    path("pages/<slug:ref>/", page_detail, name="page-detail"),
    path("pages/<slug:ref>/acknowledge", page_acknowledge, name="page-acknowledge"),
    path("pages/<slug:ref>/decline", page_decline, name="page-decline"),
    path("pages/<slug:ref>/ring-next", page_ring_next, name="page-ring-next"),
    # press
    path("in/slack/", press_slack, name="press-slack"),
    path("in/slack/events/", react_slack, name="react-slack"),
    # schedule
    path("on-call/", schedule_list, name="schedule-list"),
    path("on-call/<slug:slug>/", schedule_detail, name="schedule-detail"),
    # plan b
    path("contacts/plan-b/", plan_b_show, name="plan-b"),
    path("contacts/plan-b/mail", plan_b_mail, name="plan-b-mail"),
    # role contact
    path("contacts/", contact_list, name="contact-list"),
    # swap
    path("me/shifts/", shift_list, name="shift-list"),
    path("on-call/<slug:slug>/swap", swap_ask, name="swap-ask"),
    path("swaps/<slug:swap>/", swap_detail, name="swap-detail"),
    path("swaps/<slug:swap>/take", swap_take, name="swap-take"),
    path("swaps/<slug:swap>/cancel", swap_cancel, name="swap-cancel"),
    # why
    path("pages/<slug:ref>/why/", why_list, name="why-list"),
    path("pages/<slug:ref>/why/<str:handle>/", why_detail, name="why-detail"),
]
