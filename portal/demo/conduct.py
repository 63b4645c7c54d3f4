"""What happened lately on the demo platform: cases, appeals, bindings, a public notice.

Told by the actions that people use, on days of the current month, after last month's result was
published: no published month changes, and no board shows what it could not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.utils import timezone

from agencies.actions.appeals import decide_appeal, file_appeal
from agencies.actions.awards import award_credit
from agencies.actions.binding_requests import ask_binding
from agencies.actions.case_files import NewFile, add_evidence
from agencies.actions.honours import grant_title
from agencies.actions.links import make_link
from agencies.actions.notices import draft_notice, publish_notice
from agencies.actions.unbinding import ask_leaving, ask_unbinding_by_agency, call_in, object_to
from agencies.actions.violations import (
    PlannedMeasure,
    confirm_removal,
    draft_violation,
    issue,
)
from agencies.enums import LinkPurpose, Measure, PenaltyState, Side, ViolationKind
from agencies.models import Binding, Creator, Incident, Penalty, Violation
from agencies.queries.notices import digest_of, shown_entries
from portal.demo.pictures import screenshot
from portal.demo.stage import DOMAIN, Stage

PARTS = {"sanctioned", "appealing", "removed", "at_zero"}


@transaction.atomic
def play_conduct(situations: Mapping[str, str], *, now: datetime) -> bool:
    """Play the scenes once; whether they were played now.

    A platform that was loaded before its agencies had these parts is left as it is.
    """
    if not situations.keys() >= PARTS:
        return False
    if Violation.objects.filter(request_key=_key("sanctioned")).exists():
        return False
    stage = Stage.of(situations, now=now)
    _honours(stage)
    _sanctions(stage)
    _removals(stage)
    _appeals(stage)
    _mistake(stage)
    _desk(stage)
    _bindings(stage)
    return True


def _key(scene: str) -> UUID:
    """The key that makes a scene's draft one, however often the play is given."""
    return uuid5(NAMESPACE_URL, f"https://{DOMAIN}/{scene}")


def _draft(stage: Stage, scene: str, agency: str, days_ago: int, **given: Any) -> Violation:
    return draft_violation(
        agency=stage.agencies[agency],
        occurred_on=stage.day(days_ago) - timedelta(days=9),
        request_key=_key(scene),
        at=stage.at(days_ago),
        by=stage.people["operations"],
        **{"measures": (), **given},
    )


def _issue(stage: Stage, scene: str, agency: str, days_ago: int, **given: Any) -> Violation:
    draft = _draft(stage, scene, agency, days_ago, **given)
    return issue(violation_id=draft.pk, at=stage.at(days_ago), by=stage.people["operations"])


def _honours(stage: Stage) -> None:
    for name, zh, en in (
        ("v5", "年度优秀机构", "Agency of the year"),
        ("v4", "最佳成长机构", "Best growing agency"),
        ("sanctioned", "好物推荐官", "Good-goods ambassador"),
    ):
        grant_title(
            agency=stage.agencies[name],
            name_zh=zh,
            name_en=en,
            on=stage.day(15),
            at=stage.at(15),
            by=stage.people["admin"],
        )
    award_credit(
        agency=stage.agencies["rising"],
        points=10,
        reason="双11达人成长赛第一名",
        at=stage.at(12),
        by=stage.people["admin"],
    )


def _sanctions(stage: Stage) -> None:
    """Binding suspended and honours cancelled, with evidence; an earlier case was revoked."""
    today = timezone.localdate(stage.now)
    draft = _draft(
        stage,
        "sanctioned",
        "sanctioned",
        9,
        kind=ViolationKind.FAKE_TRAFFIC,
        summary="多个直播间在同一时段出现异常下单与集中退款，经核查为机构组织的虚假交易。",
        points=40,
        measures=(
            PlannedMeasure(Measure.SUSPEND_BINDING, None, today + timedelta(days=20)),
            PlannedMeasure(Measure.CANCEL_HONOURS, None, today + timedelta(days=60)),
        ),
    )
    add_evidence(
        violation_id=draft.pk,
        files=[NewFile("异常订单截图.png", screenshot())],
        at=stage.at(9),
        by=stage.people["operations"],
    )
    issue(violation_id=draft.pk, at=stage.at(9), by=stage.people["operations"])
    _issue(
        stage,
        "upheld",
        "observation_service",
        10,
        kind=ViolationKind.PROHIBITED_CONTENT,
        summary="达人短视频使用绝对化用语，提醒后仍未在期限内整改。",
        points=10,
        measures=(PlannedMeasure(Measure.WARNING, None, None),),
    )


def _appeals(stage: Stage) -> None:
    """One incident with two violations, appealed together and undecided."""
    operations = stage.people["operations"]
    incident = Incident.objects.create(
        title="达人解约纠纷", created_at=stage.at(5), created_by=operations
    )
    cases = [
        _issue(
            stage,
            f"appealing-{kind}",
            "appealing",
            5,
            kind=kind,
            summary=text,
            points=points,
            incident=incident,
        )
        for kind, text, points in (
            (ViolationKind.DISPUTE, "达人申请解约后机构拒不配合，造成达人损失。", 20),
            (ViolationKind.BREACH_OF_AGREEMENT, "与达人的合作协议含平台协议禁止的条款。", 10),
        )
    ]
    file_appeal(
        agency=stage.agencies["appealing"],
        violation_ids=[case.pk for case in cases],
        text="双方已于上月协商一致并签署和解协议，请予复核。",
        files=[NewFile("和解协议.png", screenshot())],
        at=stage.at(1),
        by=stage.people["appealing"],
    )


def _mistake(stage: Stage) -> None:
    """A decision that is published and then revoked on appeal: the notice is corrected."""
    mistaken = _issue(
        stage,
        "revoked",
        "v2",
        8,
        kind=ViolationKind.FALSE_INFORMATION,
        summary="入驻资料中的办公场地证明与实际不符。",
        points=20,
    )
    _publish(stage)
    appeal = file_appeal(
        agency=stage.agencies["v2"],
        violation_ids=[mistaken.pk],
        text="机构已搬迁并更新资料，附新的租赁合同。",
        files=[NewFile("租赁合同.png", screenshot())],
        at=stage.at(3),
        by=stage.people["v2"],
    )
    decide_appeal(
        appeal_id=appeal.pk,
        verdicts={mistaken.pk: "revoke"},
        reason="核实租赁合同有效，原认定依据的是旧地址。",
        at=stage.at(2),
        by=stage.people["admin"],
    )


def _publish(stage: Stage) -> None:
    """The public notice of the month so far; one of its entries is corrected later."""
    notice = draft_notice(
        title="机构违规处罚公示",
        introduction="为维护平台秩序，现将近期机构违规处理情况公示如下。",
        first_day=stage.day(14),
        last_day=stage.day(4),
        request_key=_key("notice"),
        at=stage.at(4),
        by=stage.people["operations"],
    )
    publish_notice(
        notice_id=notice.pk,
        seen=digest_of(notice, shown_entries(notice)),
        at=stage.at(4),
        by=stage.people["operations"],
    )


def _removals(stage: Stage) -> None:
    """One agency was removed by two people; another has no credit left and awaits the second."""
    _issue(
        stage,
        "removed",
        "removed",
        7,
        kind=ViolationKind.IMPERSONATION,
        summary="在招商材料中突出使用平台标识，并自称平台官方授权服务商。",
        points=120,
        measures=(
            PlannedMeasure(Measure.CANCEL_HONOURS, None, None),
            PlannedMeasure(Measure.REMOVAL, None, None),
        ),
    )
    proposal = Penalty.objects.get(
        agency=stage.agencies["removed"], kind=Measure.REMOVAL, state=PenaltyState.PROPOSED
    )
    confirm_removal(
        penalty_id=proposal.pk,
        reason="证据充分，情节严重。",
        at=stage.at(6),
        by=stage.people["admin"],
    )
    _issue(
        stage,
        "at-zero",
        "at_zero",
        2,
        kind=ViolationKind.FAKE_TRAFFIC,
        summary="长期组织虚假交易，涉及金额巨大。",
        points=150,
    )


def _desk(stage: Stage) -> None:
    """A draft that waits on the desk."""
    _draft(
        stage,
        "draft",
        "falling",
        1,
        kind=ViolationKind.DISPUTE,
        summary="商家投诉机构未按约定结算推广费用，正在核实。",
        points=20,
        measures=(
            PlannedMeasure(
                Measure.SUSPEND_BINDING, None, timezone.localdate(stage.now) + timedelta(days=30)
            ),
        ),
    )


def _bindings(stage: Stage) -> None:
    """Requests that wait for creators, and wishes to part in each of their states."""
    free = (
        Creator.objects.filter(introduced_on__isnull=False, bindings=None, followers__lt=1_000_000)
        .exclude(contact="")
        .order_by("creator_id")[:3]
    )
    for creator in free:
        ask_binding(
            agency=stage.agencies["v3"],
            creator_id=creator.creator_id,
            message="您好，我们专注服饰赛道，期待与您合作。",
            at=stage.at(1),
            by=stage.people["v3"],
        )
    first, second = _bound(stage, "v5", 2)
    ask_unbinding_by_agency(
        agency=stage.agencies["v5"],
        binding_id=first.pk,
        reason="合作方向调整。",
        at=stage.at(3),
        by=stage.people["v5"],
    )
    _leave(stage, second, 2)
    (contested,) = _bound(stage, "v4", 1)
    wish = _leave(stage, contested, 6)
    object_to(
        unbinding_id=wish.pk,
        side=Side.AGENCY,
        agency=stage.agencies["v4"],
        objection="合约期内仍有未完成的商单。",
        at=stage.at(4),
        by=stage.people["v4"],
    )
    link = make_link(creator=contested.creator, purpose=LinkPurpose.LEAVE, at=stage.at(3))
    call_in(unbinding_id=wish.pk, side=Side.CREATOR, link=link, at=stage.at(2))


def _bound(stage: Stage, name: str, count: int) -> list[Binding]:
    """Some creators of an agency who can be reached."""
    bindings = Binding.objects.filter(
        agency=stage.agencies[name], bound_until=None, bound_from__lt=stage.day(20)
    ).exclude(creator__contact="")
    return list(bindings.select_related("creator").order_by("creator__creator_id")[:count])


def _leave(stage: Stage, binding: Binding, days_ago: int) -> Any:
    at = stage.at(days_ago)
    link = make_link(creator=binding.creator, purpose=LinkPurpose.LEAVE, at=at)
    return ask_leaving(link=link, binding_id=binding.pk, reason="希望独立发展。", at=at)
