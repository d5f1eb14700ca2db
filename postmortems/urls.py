"""Addresses of postmortems."""

from django.urls import path

from postmortems.views import action_item, postmortem, review, section

app_name = "postmortems"
ONE = "postmortems/<slug:reference>"
ITEM = f"{ONE}/actions/<int:number>"
urlpatterns = [
    path("postmortems/", postmortem.postmortem_list, name="postmortem-list"),
    path(f"{ONE}/", postmortem.postmortem_detail, name="postmortem-detail"),
    path(f"{ONE}.md", postmortem.postmortem_markdown, name="postmortem-markdown"),
    path(f"{ONE}/print.css", postmortem.postmortem_print, name="postmortem-print"),
    path(f"{ONE}/open/", postmortem.postmortem_open, name="postmortem-open"),
    path(f"{ONE}/publish/", postmortem.postmortem_publish, name="postmortem-publish"),
    path(f"{ONE}/review/", review.postmortem_review, name="postmortem-review"),
    path(f"{ONE}/approve/", review.postmortem_approve, name="postmortem-approve"),
    path(f"{ONE}/sections/<slug:key>/", section.section_edit, name="section-edit"),
    path(f"{ONE}/sections/<slug:key>/follow/", section.section_follow, name="section-follow"),
    path(f"{ONE}/actions/", action_item.action_item_add, name="action-item-add"),
    path(f"{ITEM}/", action_item.action_item_edit, name="action-item-edit"),
    path(f"{ITEM}/done/", action_item.action_item_done, name="action-item-done"),
    path(f"{ITEM}/drop/", action_item.action_item_drop, name="action-item-drop"),
]
