"""Document 003 from the levels to the mitigation."""

from tests.incidents.policy.rules import Rule, Says

INCIDENTS = ["SEV0", "SEV1", "SEV2", "SEV3"]
TOP = ["SEV0", "SEV1"]
RULES = [
    Rule(
        "five levels, the first the worst",
        {
            "levels[SEV0].rank": 0,
            "levels[SEV1].rank": 1,
            "levels[SEV2].rank": 2,
            "levels[SEV3].rank": 3,
            "levels[SEV4].rank": 4,
        },
    ),
    Rule(
        "everything down, data lost, breached",
        {"levels[SEV0].criteria": Says("Nothing works", "data is lost", "breached")},
    ),
    Rule("a major feature down, many users", {"levels[SEV1].criteria": Says("major feature", "many users")}),
    Rule("slower, some users", {"levels[SEV2].criteria": Says("slower", "some users")}),
    Rule("small, with ways around", {"levels[SEV3].criteria": Says("small", "ways around")}),
    Rule("it only looks wrong", {"levels[SEV4].criteria": Says("looks wrong", "everything works")}),
    Rule("response at once", {"levels[SEV0].respond_within": "immediate"}),
    Rule("response in 5 minutes", {"levels[SEV1].respond_within": "5 min"}),
    Rule("response in 15 minutes", {"levels[SEV2].respond_within": "15 min"}),
    Rule("response in 1 hour", {"levels[SEV3].respond_within": "1 h"}),
    Rule("best effort", {"levels[SEV4].respond_within": "best effort"}),
    Rule(
        "commander: the engineering lead, and an executive beside",
        {
            "levels[SEV0].commander.rule": "on_call",
            "levels[SEV0].commander.schedule": "engineering-lead",
            "levels[SEV0].team[executive].from": "on_call",
            "levels[SEV0].team[executive].schedule": "executive",
            "roles[executive].duties": Says("command together with the engineering lead"),
        },
    ),
    Rule(
        "commander: a senior engineer",
        {"levels[SEV1].commander.rule": "on_call", "levels[SEV1].commander.schedule": "senior-engineer"},
    ),
    Rule("commander: the on-call engineer", {"levels[SEV2,SEV3].commander.rule": "service_owner"}),
    Rule("commander: any engineer", {"levels[SEV4].commander.rule": "declarer"}),
    Rule(
        "detect and triage: minutes 0 to 2",
        {"phases[triage].ends_after": "2 min", "phases[triage].output": Says("level", "impact", "hypothesis")},
    ),
    Rule(
        "declare and coordinate: minutes 2 to 5",
        {
            "phases[declaration].begins_after": "2 min",
            "phases[declaration].ends_after": "5 min",
            "phases[declaration].output": Says("war room", "commander", "first word"),
        },
    ),
    Rule(
        "investigate and mitigate: minutes 5 to 60",
        {
            "phases[mitigation].begins_after": "5 min",
            "phases[mitigation].ends_after": "1 h",
            "phases[mitigation].output": Says("cause", "bleeding has stopped"),
        },
    ),
    Rule(
        "resolve and verify: no time box",
        {
            "phases[resolution].anchor": "mitigated",
            "phases[resolution].output": Says("stable", "told", "closed", "date"),
        },
    ),
    Rule(
        "postmortem: 24 to 48 hours after",
        {
            "phases[postmortem].anchor": "resolved",
            "phases[postmortem].begins_after": "24 h",
            "phases[postmortem].ends_after": "48 h",
            "phases[postmortem].output": Says("root cause", "action items", "learned"),
        },
    ),
    Rule(
        "the alert is acknowledged within 2 minutes",
        {
            "levels[SEV0,SEV1,SEV2,SEV3].acknowledge_within": "2 min",
            "phases[triage].items[Acknowledge].within": "2 min",
        },
        built_in="from the app, by SMS, by link; a reaction in chat",
    ),
    Rule(
        "… the triage agent looks at it",
        {"phases[triage].items[triage agent].command": Says("triage", "{alert}", "{service}", "{metric}", "{value}")},
    ),
    Rule(
        "… its report is read in 30 seconds: level, impact, hypothesis, steps",
        {
            "phases[triage].items[triage report].within": "30 s",
            "phases[triage].items[triage report].text": Says(
                "level", "users and services", "hypothesis", "next steps"
            ),
        },
    ),
    Rule(
        "… SEV0 and SEV1 escalate at once",
        {
            "phases[triage].items[Escalate at once].levels": TOP,
            "levels[SEV0,SEV1].pages[engineering lead].policy": "engineering-lead",
        },
    ),
    Rule(
        "… SEV2 and SEV3 escalate as usual",
        {
            "phases[triage].items[Escalate as usual].levels": ["SEV2", "SEV3"],
            "levels[SEV0,SEV1,SEV2,SEV3].pages[on-call engineer].policy": "service",
        },
    ),
    Rule(
        "… SEV4 is a ticket and no incident",
        {"phases[triage].items[ticket].levels": ["SEV4"], "levels[SEV4].ticket_only": True},
    ),
    Rule(
        "… what is none is closed, and watched",
        {"phases[triage].items[If it is nothing].text": Says("close it", "keep an eye")},
    ),
    Rule(
        "checked: the level is named with more than 70 %",
        {"phases[triage].items[more than 70 %].kind": "check", "confidence_from": 70},
    ),
    Rule("checked: the impact is estimated", {"phases[triage].items[impact is estimated].kind": "check"}),
    Rule("checked: the hypothesis is written down", {"phases[triage].items[first hypothesis].kind": "check"}),
    Rule(
        "ten alerts or more: one cascade, one incident",
        {
            "storm_from": 10,
            "phases[triage].troubles[Ten alerts].cause": Says("drags others"),
            "phases[triage].troubles[Ten alerts].remedy": Says("one incident"),
        },
    ),
    Rule(
        "less than 70 %: unclear, a person looks",
        {
            "phases[triage].troubles[less than 70 %].cause": Says("not clear"),
            "phases[triage].troubles[less than 70 %].remedy": Says("investigation required"),
        },
    ),
    Rule(
        "silent health endpoints: the last state, SEV1 at least",
        {
            "blind_level": "SEV1",
            "phases[triage].troubles[silent].cause": Says("gone"),
            "phases[triage].troubles[silent].remedy": Says("last known state", "SEV1"),
        },
    ),
    Rule(
        "a war room for SEV0 to SEV3, in 1 minute, with level, summary and commander in its topic",
        {
            "levels[SEV0,SEV1,SEV2,SEV3].chat.mode": "room",
            "phases[declaration].items[Open the war room].within": "1 min",
            "phases[declaration].items[Open the war room].levels": INCIDENTS,
            "phases[declaration].items[Open the war room].text": Says("topic says level, summary and commander"),
        },
        built_in="its name, `incident-YYYYMMDD-NNNN`",
    ),
    Rule(
        "… the coordinating agent follows",
        {
            "phases[declaration].items[coordinating agent follow].command": Says(
                "{reference}", "{level}", "{commander}"
            ),
            "phases[declaration].items[coordinating agent follow].levels": INCIDENTS,
        },
    ),
    Rule(
        "… the first word in 2 minutes, less than 5 after detection",
        {
            "phases[declaration].items[first word inside].within": "2 min",
            "phases[declaration].items[first word inside].levels": INCIDENTS,
            "levels[SEV0,SEV1,SEV2,SEV3].owed[first_update].within": "5 min",
            "levels[SEV0,SEV1,SEV2,SEV3].owed[first_update].to": ["incidents"],
        },
    ),
    Rule(
        "… its text inside: status, impact, commander, room",
        {
            "texts[internal/declared@SEV1].levels": ["SEV1", "SEV2", "SEV3"],
            "texts[internal/declared@SEV1].subject": Says("{level}", "{summary}"),
            "texts[internal/declared@SEV1].text": Says(
                "{status}", "{impact}", "{commander}", "{room}", "{next_update}"
            ),
        },
    ),
    Rule(
        "… an update every 15 minutes",
        {
            "levels[SEV0,SEV1,SEV2,SEV3].owed[status_update].within": "15 min",
            "levels[SEV0,SEV1,SEV2,SEV3].owed[status_update].to": ["incidents"],
        },
    ),
    Rule(
        "… customers hear of SEV0 and SEV1 alone",
        {
            "levels[SEV0,SEV1].public": True,
            "levels[SEV2,SEV3].public": False,
            "levels[SEV0,SEV1].owed[public_update].within": "5 min",
            "phases[declaration].items[first word to customers].levels": TOP,
            "phases[declaration].items[first word to customers].within": "2 min",
            "texts[public/declared@SEV0].levels": TOP,
            "texts[public/declared@SEV0].subject": Says("{status}", "{service}"),
            "texts[public/declared@SEV0].text": Says("{impact}", "looking into it", "{next_update}"),
        },
    ),
    Rule(
        "… the leadership is paged for SEV0 and SEV1", {"phases[declaration].items[leadership was paged].levels": TOP}
    ),
    Rule(
        "… everybody is told of SEV0",
        {
            "levels[SEV0].tells_everyone": True,
            "phases[declaration].items[everybody was told].levels": ["SEV0"],
            "texts[internal/declared@SEV0].levels": ["SEV0"],
            "texts[internal/declared@SEV0].subject": Says("Everybody", "{level}", "{summary}"),
            "texts[internal/declared@SEV0].text": Says("{status}", "{impact}", "{room}"),
        },
    ),
    Rule(
        "checked: the room is alive, a commander present, word out, the agent running",
        {
            "phases[declaration].items[people are in,named and,5 minutes,agent is].kind": "check",
            "phases[declaration].items[people are in,named and,5 minutes,agent is].levels": INCIDENTS,
        },
    ),
    Rule(
        "the commander does not answer: the backup from the rotation",
        {
            "levels[SEV0,SEV1,SEV2,SEV3].commander.backup": "platform",
            "phases[declaration].troubles[does not answer].cause": Says("Away"),
            "phases[declaration].troubles[does not answer].remedy": Says("backup from the rotation"),
        },
    ),
    Rule(
        "nobody knows whose it is: the owner of the service that suffers most",
        {
            "phases[declaration].troubles[whose it is].cause": Says("Several teams"),
            "phases[declaration].troubles[whose it is].remedy": Says("suffers most"),
        },
    ),
    Rule(
        "the status page is down: social media and mail",
        {
            "phases[declaration].troubles[status page].cause": Says("fails"),
            "phases[declaration].troubles[status page].remedy": Says("social media", "mail"),
            "texts[social/declared].levels": TOP,
            "texts[social/declared].text": Says("{service}", "{next_update}"),
            "texts[customers/declared].levels": TOP,
            "texts[customers/declared].subject": Says("{service}"),
            "texts[customers/declared].text": Says("{impact}", "status page cannot be reached"),
        },
    ),
    Rule(
        "context in 5 minutes: deployments of 24 hours, metrics, logs",
        {
            "phases[mitigation].items[Gather].within": "5 min",
            "phases[mitigation].items[Gather].command": Says("hours=24"),
            "phases[mitigation].items[Gather].text": Says("deployments, metrics, logs"),
            "links[Recent deployments].kind": "other",
            "links[Recent deployments].url": Says("{service}"),
            "links[Recent deployments].hint": Says("24 hours"),
        },
    ),
    Rule(
        "… a dashboard: errors, latency, pool, processor and memory",
        {
            "links[Metrics].kind": "dashboard",
            "links[Metrics].url": Says("{service}"),
            "links[Metrics].hint": Says("Error rate", "p50, p95, p99", "pool", "processor and memory"),
        },
    ),
    Rule(
        "… errors in the logs of 30 minutes: patterns, traces, deployments",
        {
            "links[Errors in the logs].kind": "logs",
            "links[Errors in the logs].url": Says("status:error", "{from}"),
            "links[Errors in the logs].hint": Says("30 minutes", "patterns", "stack traces", "deployment"),
        },
    ),
    Rule(
        "the root cause in 10 to 30 minutes",
        {
            "phases[mitigation].items[Find the root cause].within": "30 min",
            "phases[mitigation].items[Find the root cause].role": "responder",
            "phases[mitigation].items[Find the root cause].text": Says("ten to thirty"),
            "roles[responder].kind": "investigator",
            "roles[responder].holds_several": True,
            "roles[responder].duties": Says("cause", "hypothesis"),
        },
    ),
    Rule(
        "many 5xx and a full pool: connections used up",
        {"symptoms[5xx].cause": Says("Connections"), "symptoms[5xx].look": Says("pool", "load")},
    ),
    Rule(
        "latency jumps: slow queries",
        {
            "symptoms[Latency].cause": Says("Slow queries", "one query for each row"),
            "symptoms[Latency].look": Says("slow queries"),
        },
    ),
    Rule(
        "worse and worse: a leak of memory",
        {"symptoms[slowly].cause": Says("leak"), "symptoms[slowly].look": Says("Memory", "hours")},
    ),
    Rule(
        "all at once: a deployment",
        {"symptoms[one moment].cause": Says("deployment"), "symptoms[one moment].look": Says("the one before")},
    ),
    Rule(
        "some regions: infrastructure",
        {
            "symptoms[regions].cause": Says("Infrastructure"),
            "symptoms[regions].look": Says("host", "cloud"),
            "links[host's status].kind": "status",
            "links[host's status].url": Says("status.host"),
        },
    ),
    Rule(
        "hypotheses with confidence, evidence and steps",
        {
            "phases[mitigation].items[Write the hypothesis].text": Says("confidence", "evidence", "steps"),
            "phases[mitigation].items[Write the hypothesis].role": "responder",
        },
    ),
    Rule(
        "choose a mitigation and carry it out",
        {"phases[mitigation].items[Choose a mitigation].text": Says("carry it out")},
    ),
    Rule(
        "… configuration: a wrong setting, low risk, minutes",
        {
            "mitigations[configuration].when": Says("setting"),
            "mitigations[configuration].risk": "low",
            "mitigations[configuration].speed": Says("minutes"),
            "mitigations[configuration].command": Says("variables set", "{service}"),
        },
    ),
    Rule(
        "… rollback: a recent deployment, medium risk, 5-10 min",
        {
            "mitigations[rollback].when": Says("recent deployment"),
            "mitigations[rollback].risk": "medium",
            "mitigations[rollback].speed": Says("5-10 min"),
            "mitigations[rollback].command": Says("action=rollback", "{service}", "{version}"),
        },
    ),
    Rule(
        "… scale up: a resource used up, low risk, 10-15 min",
        {
            "mitigations[scale-up].when": Says("used up"),
            "mitigations[scale-up].risk": "low",
            "mitigations[scale-up].speed": Says("10-15 min"),
        },
    ),
    Rule(
        "… feature off: one feature, low risk, seconds",
        {
            "mitigations[feature-flag].when": Says("One feature"),
            "mitigations[feature-flag].risk": "low",
            "mitigations[feature-flag].speed": Says("seconds"),
            "mitigations[feature-flag].command": Says("{feature}", "enabled=false"),
        },
    ),
    Rule(
        "… restart: unknown, medium risk, 1-5 min",
        {
            "mitigations[restart].when": Says("unknown"),
            "mitigations[restart].risk": "medium",
            "mitigations[restart].speed": Says("1-5 min"),
        },
    ),
    Rule(
        "… failover: the primary failed, high risk, 10-20 min",
        {
            "mitigations[failover].when": Says("primary"),
            "mitigations[failover].risk": "high",
            "mitigations[failover].speed": Says("10-20 min"),
        },
    ),
    Rule(
        "watch the effect for 5 to 15 minutes",
        {
            "phases[mitigation].items[Watch].text": Says("five to fifteen"),
            "mitigations[configuration,rollback,feature-flag,restart].watch_for": "5 min",
            "mitigations[scale-up,failover].watch_for": "15 min",
        },
    ),
    Rule(
        "… errors below 1 % within 5 minutes",
        {"mitigations[configuration,rollback,feature-flag].target": Says("below 1 % within 5 min")},
    ),
    Rule("… more than 95 % of what users start succeeds", {"mitigations[scale-up,failover].target": Says("95 %")}),
    Rule("… the health endpoint is well", {"mitigations[restart].target": Says("health endpoint")}),
    Rule(
        "checked: errors below 1 %, p99 below 500 ms, no new alerts, health, users",
        {
            "phases[mitigation].items[below 1 %,500 ms,No new alert,health checks,What users do].kind": "check",
            "phases[mitigation].items[below 1 %,500 ms,No new alert,health checks,What users do].holds": "resolve",
        },
    ),
    Rule(
        "no effect: the next hypothesis",
        {
            "phases[mitigation].troubles[does not help].cause": Says("another"),
            "phases[mitigation].troubles[does not help].remedy": Says("next hypothesis"),
        },
    ),
    Rule(
        "some effect: what remains",
        {
            "phases[mitigation].troubles[a little better].cause": Says("more than one"),
            "phases[mitigation].troubles[a little better].remedy": Says("what remains"),
        },
    ),
    Rule(
        "new symptoms: roll the mitigation back",
        {
            "phases[mitigation].troubles[New symptoms].cause": Says("side effect"),
            "phases[mitigation].troubles[New symptoms].remedy": Says("Roll the mitigation back"),
        },
    ),
]
