"""Addresses of incidents, one group for each noun."""

from django.urls import URLPattern, path

from incidents.views.answered import answered_note, incident_answered
from incidents.views.around import deployment_note, report_add, report_note, service_press, service_state
from incidents.views.attachment import attachment_detail
from incidents.views.audience import audience_add, incident_hide, incident_unhide, private_enter
from incidents.views.board import board_show, incident_list
from incidents.views.checklist import checklist_mark
from incidents.views.composer import composer_completions, composer_post
from incidents.views.decision import decision_answer, decision_make
from incidents.views.declare import incident_declare
from incidents.views.document import incident_document
from incidents.views.dry_run import declare_preview, policy_detail, policy_list
from incidents.views.flag import flag_lower, flag_raise
from incidents.views.handover import (
    handover_accept,
    handover_decline,
    handover_detail,
    handover_offer,
    handover_take_back,
)
from incidents.views.health import engine_face, healthz, readyz
from incidents.views.hypothesis import hypothesis_add, hypothesis_change, line_add, line_tick
from incidents.views.impact import impact_set, service_set
from incidents.views.link import incident_link, incident_merge, incident_reopen
from incidents.views.me import me_detail
from incidents.views.meeting import meeting_detail, meeting_file
from incidents.views.mitigation import mitigation_answer, mitigation_roll_back, mitigation_start, remaining_note
from incidents.views.paging import people_page
from incidents.views.public_word import public_tell, public_texts
from incidents.views.reading import hint_send_away, look_note
from incidents.views.responder import responder_join, responder_leave
from incidents.views.role import role_assign, role_leave, role_take, role_take_over
from incidents.views.room import incident_detail
from incidents.views.runbook import runbook_decide, runbook_finish, runbook_new_failure, runbook_take_up
from incidents.views.severity import severity_change, severity_take_back
from incidents.views.status import (
    bleeding_stop,
    incident_close,
    incident_dismiss,
    incident_resolve,
    status_change,
    watch_fail,
)
from incidents.views.stream import incident_stream
from incidents.views.task import task_change, task_drop, task_finish, task_give, task_understand
from incidents.views.timeline import (
    entry_correct,
    entry_files,
    entry_list,
    entry_paste,
    entry_pin,
    entry_unpin,
    timeline_file,
)
from incidents.views.update import update_no_change, update_post, update_preview

app_name = "incidents"
urlpatterns: list[URLPattern] = [
    # board
    path("", board_show, name="board"),
    # health
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("engine/", engine_face, name="engine-face"),
    # me
    path("me/", me_detail, name="me-detail"),
    # incident
    path("declare/", incident_declare, name="incident-declare"),
    path("declare/who/", declare_preview, name="declare-preview"),
    path("incidents/", incident_list, name="incident-list"),
    path("private/", private_enter, name="private-enter"),
    path("incidents/<slug:reference>/stream", incident_stream, name="incident-stream"),
    # dry run
    path("policies/", policy_list, name="policy-list"),
    path("policies/<slug:policy>/", policy_detail, name="policy-detail"),
    # the room
    path("incidents/<slug:reference>/", incident_detail, name="incident-detail"),
    path("incidents/<slug:reference>/status.md", incident_document, name="status-document"),
    path("incidents/<slug:reference>/timeline/", entry_list, name="entry-list"),
    path("incidents/<slug:reference>/timeline.md", timeline_file, {"form": "md"}, name="timeline-markdown"),
    path("incidents/<slug:reference>/timeline.csv", timeline_file, {"form": "csv"}, name="timeline-csv"),
    path("incidents/<slug:reference>/timeline.json", timeline_file, {"form": "json"}, name="timeline-json"),
    path("incidents/<slug:reference>/timeline/correct", entry_correct, name="entry-correct"),
    path("incidents/<slug:reference>/timeline/files", entry_files, name="entry-files"),
    path("incidents/<slug:reference>/timeline/paste", entry_paste, name="entry-paste"),
    path("incidents/<slug:reference>/timeline/<int:number>/pin", entry_pin, name="entry-pin"),
    path("incidents/<slug:reference>/timeline/<int:number>/unpin", entry_unpin, name="entry-unpin"),
    path("incidents/<slug:reference>/meeting/", meeting_detail, name="meeting-detail"),
    path("incidents/<slug:reference>/meeting.ics", meeting_file, name="meeting-file"),
    path("incidents/<slug:reference>/looked", look_note, name="look-note"),
    path("incidents/<slug:reference>/hints/<slug:hint>/away", hint_send_away, name="hint-send-away"),
    path("incidents/<slug:reference>/link", incident_link, name="incident-link"),
    path("incidents/<slug:reference>/merge", incident_merge, name="incident-merge"),
    path("incidents/<slug:reference>/reopen", incident_reopen, name="incident-reopen"),
    path("incidents/<slug:reference>/post", composer_post, name="composer-post"),
    path("incidents/<slug:reference>/completions", composer_completions, name="composer-completions"),
    path("incidents/<slug:reference>/answered/<str:token>/", incident_answered, name="incident-answered"),
    path("incidents/<slug:reference>/answered/<str:token>/note", answered_note, name="answered-note"),
    # acts in the room
    path("incidents/<slug:reference>/status", status_change, name="status-change"),
    path("incidents/<slug:reference>/bleeding-stopped", bleeding_stop, name="bleeding-stop"),
    path("incidents/<slug:reference>/resolve", incident_resolve, name="incident-resolve"),
    path("incidents/<slug:reference>/close", incident_close, name="incident-close"),
    path("incidents/<slug:reference>/not-an-incident", incident_dismiss, name="incident-dismiss"),
    path("incidents/<slug:reference>/watch-failed", watch_fail, name="watch-fail"),
    path("incidents/<slug:reference>/severity", severity_change, name="severity-change"),
    path("incidents/<slug:reference>/severity/take-back", severity_take_back, name="severity-take-back"),
    path("incidents/<slug:reference>/roles", role_assign, name="role-assign"),
    path("incidents/<slug:reference>/roles/take-over", role_take_over, name="role-take-over"),
    path("incidents/<slug:reference>/join", responder_join, name="responder-join"),
    path("incidents/<slug:reference>/leave", responder_leave, name="responder-leave"),
    path("incidents/<slug:reference>/handovers", handover_offer, name="handover-offer"),
    path("incidents/<slug:reference>/handovers/<int:number>/", handover_detail, name="handover-detail"),
    path("incidents/<slug:reference>/handovers/<int:number>/accept", handover_accept, name="handover-accept"),
    path("incidents/<slug:reference>/handovers/<int:number>/decline", handover_decline, name="handover-decline"),
    path("incidents/<slug:reference>/handovers/<int:number>/take-back", handover_take_back, name="handover-take-back"),
    path("incidents/<slug:reference>/roles/<slug:role>/take", role_take, name="role-take"),
    path("incidents/<slug:reference>/roles/<slug:role>/leave", role_leave, name="role-leave"),
    path("incidents/<slug:reference>/updates", update_post, name="update-post"),
    path("incidents/<slug:reference>/updates/preview", update_preview, name="update-preview"),
    path("incidents/<slug:reference>/updates/no-change", update_no_change, name="update-no-change"),
    path("incidents/<slug:reference>/public", public_tell, name="public-tell"),
    path("incidents/<slug:reference>/public/texts/", public_texts, name="public-texts"),
    path("incidents/<slug:reference>/impact", impact_set, name="impact-set"),
    path("incidents/<slug:reference>/service", service_set, name="service-set"),
    path("incidents/<slug:reference>/checklist", checklist_mark, name="checklist-mark"),
    path("incidents/<slug:reference>/files/<slug:digest>", attachment_detail, name="attachment-detail"),
    path("incidents/<slug:reference>/page", people_page, name="people-page"),
    # tasks
    path("incidents/<slug:reference>/tasks", task_give, name="task-give"),
    path("incidents/<slug:reference>/tasks/change", task_change, name="task-change"),
    path("incidents/<slug:reference>/tasks/drop", task_drop, name="task-drop"),
    path("incidents/<slug:reference>/tasks/<int:number>/done", task_finish, name="task-finish"),
    path("incidents/<slug:reference>/tasks/<int:number>/understood", task_understand, name="task-understand"),
    # hypotheses
    path("incidents/<slug:reference>/hypotheses", hypothesis_add, name="hypothesis-add"),
    path("incidents/<slug:reference>/hypotheses/lines", line_add, name="line-add"),
    path(
        "incidents/<slug:reference>/hypotheses/<int:number>/<slug:status>", hypothesis_change, name="hypothesis-change"
    ),
    path("incidents/<slug:reference>/hypotheses/<int:number>/lines/<int:line>/done", line_tick, name="line-tick"),
    # decisions
    path("incidents/<slug:reference>/decisions", decision_make, name="decision-make"),
    path("incidents/<slug:reference>/decisions/<int:number>/<slug:outcome>", decision_answer, name="decision-answer"),
    # mitigations
    path("incidents/<slug:reference>/mitigations", mitigation_start, name="mitigation-start"),
    path("incidents/<slug:reference>/mitigations/remaining", remaining_note, name="remaining-note"),
    path(
        "incidents/<slug:reference>/mitigations/<int:number>/roll-back",
        mitigation_roll_back,
        name="mitigation-roll-back",
    ),
    path(
        "incidents/<slug:reference>/mitigations/<int:number>/<slug:outcome>",
        mitigation_answer,
        name="mitigation-answer",
    ),
    # what is around it
    path("incidents/<slug:reference>/services", service_state, name="service-state"),
    path("incidents/<slug:reference>/services/<slug:slug>/<slug:state>", service_press, name="service-press"),
    path("incidents/<slug:reference>/deployments", deployment_note, name="deployment-note"),
    path("incidents/<slug:reference>/reports", report_add, name="report-add"),
    path("incidents/<slug:reference>/reports/note", report_note, name="report-note"),
    path("incidents/<slug:reference>/flags/<slug:flag>/raise", flag_raise, name="flag-raise"),
    path("incidents/<slug:reference>/flags/<slug:flag>/lower", flag_lower, name="flag-lower"),
    path("incidents/<slug:reference>/runbooks/<slug:runbook>/take-up", runbook_take_up, name="runbook-take-up"),
    path(
        "incidents/<slug:reference>/runbooks/<slug:runbook>/new-failure",
        runbook_new_failure,
        name="runbook-new-failure",
    ),
    path("incidents/<slug:reference>/new-failure", runbook_new_failure, name="new-failure"),
    path("incidents/<slug:reference>/runbook-written", runbook_finish, name="runbook-written"),
    path("incidents/<slug:reference>/runbooks/<slug:runbook>/updated", runbook_finish, name="runbook-finish"),
    path("incidents/<slug:reference>/decide", runbook_decide, name="runbook-decide"),
    path("incidents/<slug:reference>/private", incident_hide, name="incident-hide"),
    path("incidents/<slug:reference>/no-longer-private", incident_unhide, name="incident-unhide"),
    path("incidents/<slug:reference>/audience", audience_add, name="audience-add"),
]
