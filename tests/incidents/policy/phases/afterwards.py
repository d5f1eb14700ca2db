"""Document 003 from the resolution on, with its scenarios and contacts."""

from tests.incidents.policy.rules import THERE, Rule, Says

INCIDENTS = ["SEV0", "SEV1", "SEV2", "SEV3"]
TOP = ["SEV0", "SEV1"]
RULES = [
    Rule(
        "watched for 15 to 30 minutes before it is resolved",
        {
            "levels[SEV0,SEV1,SEV2,SEV3].watch.for": "30 min",
            "levels[SEV0,SEV1,SEV2,SEV3].watch.order": "before_resolved",
            "phases[resolution].items[fall back].within": "30 min",
        },
    ),
    Rule(
        "… no related alert, users' reports, connections of the database",
        {
            "phases[resolution].items[same kind].text": Says("alert"),
            "phases[resolution].items[users report].text": Says("support", "social media"),
            "phases[resolution].items[connections].text": Says("database"),
        },
    ),
    Rule(
        "… word inside: what ended it, cause, next, thanks",
        {
            "phases[resolution].items[Say inside].text": Says("what ended it", "cause", "thanks"),
            "texts[internal/resolved@SEV0].levels": INCIDENTS,
            "texts[internal/resolved@SEV0].subject": Says("{summary}"),
            "texts[internal/resolved@SEV0].text": Says(
                "{resolution}", "{cause}", "stable for 30 min", "postmortem", "action items", "{thanks}"
            ),
        },
    ),
    Rule(
        "… word to customers, if they were told",
        {
            "phases[resolution].items[Tell customers].levels": TOP,
            "texts[public/resolved@SEV0].levels": TOP,
            "texts[public/resolved@SEV0].subject": Says("Resolved"),
            "texts[public/resolved@SEV0].text": Says("All services work", "apologize"),
        },
    ),
    Rule(
        "… the record is closed, with what ended it",
        {"phases[resolution].items[Close the record].holds": "close"},
        built_in="resolving, in the room and by API",
    ),
    Rule(
        "… the meeting gets its date: 24 to 48 hours after, 60 minutes",
        {
            "phases[resolution].items[Set the date].holds": "close",
            "levels[SEV0,SEV1,SEV2,SEV3].owed[meeting].within": "48 h",
            "postmortem.meeting_after": "24 h",
            "postmortem.meeting_length": "1 h",
            "texts[internal/meeting].subject": Says("Postmortem", "{reference}", "{summary}"),
            "texts[internal/meeting].text": Says("timeline", "root cause", "action items"),
        },
    ),
    Rule(
        "… with commander, responders and the leads of affected teams",
        {
            "postmortem.meeting_roles": ["commander", "responder", "team-lead"],
            "roles[commander].kind": "commander",
            "roles[team-lead].holds_several": True,
            "roles[team-lead].duties": Says("postmortem meeting"),
        },
    ),
    Rule(
        "checked: stable for 30 minutes",
        {
            "phases[resolution].items[stable for 30].kind": "check",
            "phases[resolution].items[stable for 30].holds": "resolve",
        },
    ),
    Rule(
        "checked: everybody told, the record says resolved, the meeting in 48 hours",
        {
            "phases[resolution].items[All who must,record says,within 48].kind": "check",
            "phases[resolution].items[All who must,record says,within 48].holds": "close",
        },
    ),
    Rule(
        "the draft is made from the record, with five whys",
        {
            "phases[postmortem].items[draft made].text": Says("from the record", "five whys"),
            "postmortem.sections[root_cause].kind": "whys",
            "postmortem.sections[timeline].title": "Timeline",
        },
    ),
    Rule(
        "… looked through: timeline, cause, action items",
        {"phases[postmortem].items[Look through].text": Says("timeline", "root cause", "action items")},
    ),
    Rule(
        "… what went well, and where we were lucky",
        {
            "phases[postmortem].items[Add what].text": Says("went well", "lucky"),
            "postmortem.sections[went_well,lucky].kind": "list",
        },
    ),
    Rule(
        "a meeting of one hour: timeline and cause, factors without blame, owners, learnings",
        {
            "phases[postmortem].items[Hold the meeting].text": Says(
                "one hour", "timeline and cause", "without blame", "owners", "learned"
            ),
            "roles[commander].duties": Says("Nobody is blamed"),
            "texts[internal/meeting].text": Says("Nobody is blamed"),
            "postmortem.sections[contributing].kind": "list",
            "postmortem.sections[learned].title": Says("learned"),
        },
    ),
    Rule(
        "published in the repository, shared in chat and by mail, filed",
        {
            "phases[postmortem].items[Publish it].link": Says("postmortems"),
            "phases[postmortem].items[Publish it].text": Says("repository", "chat and by mail", "file it"),
        },
    ),
    Rule(
        "checked: the cause with more than 85 %",
        {"phases[postmortem].items[85 %].kind": "check", "postmortem.confidence_over": 85},
    ),
    Rule(
        "checked: action items with owners and dates",
        {"phases[postmortem].items[Every action item].kind": "check", "postmortem.actions_at_least": 1},
    ),
    Rule(
        "checked: published within 72 hours",
        {
            "phases[postmortem].items[72 hours].kind": "check",
            "levels[SEV0,SEV1,SEV2,SEV3].owed[postmortem].within": "72 h",
        },
    ),
    Rule("checked: learnings in the runbooks", {"phases[postmortem].items[stands in the runbooks].kind": "check"}),
    Rule(
        "all is down (SEV0): all services 5xx, nobody gets in",
        {"runbooks[complete-outage].level": "SEV0", "runbooks[complete-outage].symptoms": Says("5xx", "cannot reach")},
    ),
    Rule(
        "… page all hands",
        {
            "runbooks[complete-outage].actions[all hands].text": Says("SEV0"),
            "levels[SEV0].pages[executive].policy": "executive",
            "levels[SEV0].pages[platform team].policy": "platform-team",
        },
    ),
    Rule(
        "… host, database, names, deployments of 4 hours",
        {
            "runbooks[complete-outage].actions[host's status].text": THERE,
            "runbooks[complete-outage].actions[cluster].text": Says("database"),
            "runbooks[complete-outage].actions[names].command": Says("dig"),
            "runbooks[complete-outage].actions[4 hours].text": Says("deployed"),
        },
    ),
    Rule(
        "… a deployment: roll back at once; infrastructure: the host's support, prepare to fail over",
        {
            "runbooks[complete-outage].actions[roll back].text": Says("at once"),
            "runbooks[complete-outage].actions[support].text": Says("prepare to fail over"),
        },
    ),
    Rule(
        "… customers are told within 5 minutes",
        {
            "runbooks[complete-outage].actions[Tell customers].text": Says("5 minutes"),
            "levels[SEV0].owed[public_update].within": "5 min",
        },
    ),
    Rule(
        "the database fails (SEV0): connections, timeouts, lag",
        {
            "runbooks[database-failure].level": "SEV0",
            "runbooks[database-failure].symptoms": Says("Connections", "time out", "behind"),
        },
    ),
    Rule(
        "… metrics, primary and replica, long queries",
        {
            "runbooks[database-failure].actions[processor].text": Says("memory and connections"),
            "runbooks[database-failure].actions[which is primary].text": Says("replica"),
            "runbooks[database-failure].actions[more than 5 minutes].command": Says(
                "pg_stat_activity", "state = 'active'", "interval '5 minutes'"
            ),
        },
    ),
    Rule(
        "… fail over, restart the pooler, kill what blocks, watch the lag",
        {
            "runbooks[database-failure].actions[cluster is down].text": Says("fail over to the replica"),
            "runbooks[database-failure].actions[pooler].text": Says("restart"),
            "runbooks[database-failure].actions[kill].text": Says("block"),
            "runbooks[database-failure].actions[After failing over].text": Says("behind"),
        },
    ),
    Rule(
        "… decided within 10 minutes: fail over when the primary does not answer",
        {
            "runbooks[database-failure].decisions[primary].within": "10 min",
            "runbooks[database-failure].decisions[primary].text": Says("fail over"),
        },
    ),
    Rule(
        "a breach (SEV0): access, data leaving, odd activity",
        {
            "runbooks[security-breach].level": "SEV0",
            "runbooks[security-breach].symptoms": Says("Access", "data that leaves", "activity"),
        },
    ),
    Rule(
        "… nothing public until it is assessed",
        {
            "runbooks[security-breach].flag": "breach-suspected",
            "flags[breach-suspected].makes_private": True,
            "flags[breach-suspected].question": Says("got in"),
            "runbooks[security-breach].actions[NOTHING].text": Says("assessed"),
            "escalations[Breach].expected": Says("before anything is said in public"),
        },
    ),
    Rule(
        "… rotate credentials, review audit logs, isolate, keep evidence",
        {
            "runbooks[security-breach].actions[Rotate].text": Says("at once"),
            "runbooks[security-breach].actions[audit].text": Says("access"),
            "runbooks[security-breach].actions[Cut off].text": Says("services"),
            "runbooks[security-breach].actions[evidence].text": Says("logs", "metrics", "dumps"),
        },
    ),
    Rule(
        "… the security team and legal; words to customers with legal",
        {
            "runbooks[security-breach].actions[Call].text": Says("security team and legal"),
            "runbooks[security-breach].actions[Prepare].text": Says("customers", "legal"),
        },
    ),
    Rule(
        "… executives and legal are told at once",
        {
            "runbooks[security-breach].pages": ["executive", "legal", "security"],
            "escalations[Breach].flag": "breach-suspected",
            "escalations[Breach].policies": ["executive", "legal", "security"],
        },
    ),
    Rule(
        "whom to reach: on-call engineer, 5 min",
        {"contacts[On-call].method": "Page", "contacts[On-call].within": "5 min"},
    ),
    Rule(
        "… engineering lead, page and phone, 10 min",
        {"contacts[Engineering lead].method": Says("Page", "phone"), "contacts[Engineering lead].within": "10 min"},
    ),
    Rule(
        "… platform team, chat, 15 min",
        {"contacts[Platform team].method": Says("Chat"), "contacts[Platform team].within": "15 min"},
    ),
    Rule(
        "… the host's support, mail, 30 min",
        {"contacts[support].method": Says("Mail"), "contacts[support].within": "30 min"},
    ),
    Rule(
        "… executive at SEV0, phone tree, 15 min",
        {"contacts[Executive].method": "Phone tree", "contacts[Executive].within": "15 min"},
    ),
]
