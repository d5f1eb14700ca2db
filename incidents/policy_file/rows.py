"""From the rows of a version to its document: what the file would say."""

from incidents.enums import ChatMode, CommanderRule, PagedPolicy, PromiseKind, RoleKind, WatchOrder
from incidents.models import Duty, LadderVersion, Level, LevelPage
from incidents.policy_file.document import (
    SERVICE,
    CalendarPart,
    ChatPart,
    CommanderPart,
    LevelPart,
    OwedPart,
    PagePart,
    PolicyDocument,
    RolePart,
    WatchPart,
)


def document_of(version: LadderVersion) -> PolicyDocument:
    """`version` as a document. Four queries, or none where `queries.ladder.with_rows` has fetched the rows.

    The rows were checked when they were written, so nothing is checked again: an old version stays readable when
    a rule is added.
    """
    return PolicyDocument.model_construct(
        ladder=version.ladder.slug,
        name=version.ladder.name,
        description=version.description or None,
        default_policy=version.default_policy or None,
        calendar=CalendarPart.model_construct(
            zone=version.calendar_zone,
            workdays=tuple(version.workdays),
            holidays=tuple(version.holidays),
            closes_at=version.closes_at,
        ),
        roles=tuple(
            RolePart.model_construct(
                slug=role.slug,
                name=role.name,
                kind=RoleKind(role.kind),
                duties=role.duties,
                holds_several=role.holds_several,
            )
            for role in version.roles.all()
        ),
        levels=tuple(_level(level) for level in version.levels.all()),
    )


def _level(level: Level) -> LevelPart:
    watch = None
    if level.watch_order != WatchOrder.NONE:
        watch = WatchPart.model_construct(length=level.watch_for, order=WatchOrder(level.watch_order))
    return LevelPart.model_construct(
        name=level.name,
        rank=level.rank,
        criteria=level.criteria,
        examples=tuple(level.examples),
        acknowledge_within=level.acknowledge_within or None,
        respond_within=level.respond_within or None,
        rings_until_answered=level.rings_until_answered,
        silent_after=level.silent_after or None,
        commander=CommanderPart.model_construct(
            rule=CommanderRule(level.commander_rule), schedule=level.commander_schedule or None
        ),
        pages=tuple(_page(page) for page in level.pages.all()),
        chat=ChatPart.model_construct(mode=ChatMode(level.chat_mode), channel=level.chat_channel or None),
        status_document=level.status_document,
        public=level.is_public,
        watch=watch,
        owed=tuple(_owed(duty) for duty in level.duties.all()),
    )


def _page(page: LevelPage) -> PagePart:
    return PagePart.model_construct(
        group=page.group,
        policy=SERVICE if page.policy_from == PagedPolicy.SERVICE else page.policy,
        makes_commander=page.makes_commander,
        answers_needed=page.answers_needed,
    )


def _owed(duty: Duty) -> OwedPart:
    return OwedPart.model_construct(
        what=PromiseKind(duty.kind),
        within=duty.within,
        by=duty.owed_by,
        to=tuple(duty.told_where),
        remind_before=duty.remind_before or None,
        deputy=duty.deputy or None,
        deputy_after=duty.deputy_after or None,
        escalate_policy=duty.escalate_policy or None,
        escalate_after=duty.escalate_after or None,
    )
