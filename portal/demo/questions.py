"""Questions of the demo's agencies in every state, and the people whom high levels have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from django.db import transaction

from portal.demo.answers import write_answers
from portal.demo.stage import Stage
from portal.enums import CallerCheck, ContactKind
from portal.models import Question
from portal.support.answering import answer, assign, merge, note
from portal.support.asking import ask, rate
from portal.support.calls import take_call
from portal.support.contact_people import add_person
from scoring.models import Evaluation

PARTS: Final = {"v5", "v4", "v2", "falling", "rising", "observation_service"}
_KEY: Final = UUID("c1a0f7a1-8f55-4d43-9df1-7b1f1b2f3e44")
_CONTACTS: Final = (
    ("operations", ContactKind.OPERATIONS, "林岚", "0571-8000 1001", "linlan_ops"),
    ("support", ContactKind.SERVICE, "小林", "0571-8000 1002", "xiaolin_kf"),
)


@dataclass(frozen=True)
class _Asked:
    """A question of the script; `page` with a month where the page has one."""

    who: str
    days_ago: int
    subject: str
    text: str
    clause: str
    page: str = ""


_FALL: Final = _Asked(
    "falling",
    0,
    "为什么上月跌到 V2？",
    "我们上月还是 V3，团队想知道具体差在哪里，达人数据有没有算错，怎样才能回到 V3。",
    "level-cut-offs",
    "movement",
)
_ORDERS: Final = _Asked(
    "v5",
    5,
    "退款订单会从结算订单数里扣除吗？",
    "上月有一批退款，想确认结算订单数的口径。",
    "indicator-settled-orders",
    "score",
)
_REPUTATION: Final = _Asked(
    "observation_service",
    3,
    "口碑分为什么低于 4 分？",
    "后台看到的达人口碑都在 4 分以上，机构口碑分却更低，请说明口径。",
    "indicator-reputation",
    "score",
)
_AGAIN: Final = _Asked(
    "observation_service",
    2,
    "口碑分怎么算的",
    "同上一条，补充：是按订单数加权吗？",
    "indicator-reputation",
    "score",
)
_BIG: Final = _Asked(
    "v4",
    4,
    "大促专属玩法怎么报名？",
    "下月大促我们想报两位达人，流程和时间请告知。",
    "benefits",
    "benefits",
)
_ORDERS_ANSWER: Final = (
    "会。结算订单数按结算口径统计，结算前退款的订单不计入；结算后退款的，在退款所在日冲减。"
    "每一天的明细可在“等级分 → 计分凭证”下载核对。"
)
_CALL_ANSWER: Final = "已在电话中说明：3 日 03:00 更新，更新前可在首页查看预计等级。"


@transaction.atomic
def play_questions(situations: Mapping[str, str], *, now: datetime) -> bool:
    """Play the scene once; whether it was played now."""
    if not situations.keys() >= PARTS or Question.objects.exists():
        return False
    stage = Stage.of(situations, now=now)
    support, admin = stage.people["support"], stage.people["admin"]
    write_answers(at=stage.at(9), by=stage.people["operations"])
    for name, kind, shown, phone, wechat in _CONTACTS:
        person = stage.people[name]
        add_person(
            user=person,
            kind=kind,
            name=shown,
            phone=phone,
            email=person.email,
            wechat=wechat,
            most=60,
            is_active=True,
            at=stage.at(7),
            by=admin,
        )
    orders = _ask(_ORDERS, stage)
    answer(
        question_id=orders.pk,
        text=_ORDERS_ANSWER,
        request_key=_key("orders"),
        at=_later(stage, 5, minutes=35),
        by=support,
        close=True,
    )
    rate(
        agency=orders.agency,
        question_id=orders.pk,
        rating=5,
        text="讲得很清楚。",
        at=_later(stage, 4, minutes=0),
        by=stage.people["v5"],
    )
    _reputation(stage)
    _big_promotion(stage)
    _call(stage)
    _ask(_FALL, stage)
    return True


def _reputation(stage: Stage) -> None:
    """The same thing asked twice: the second question is merged into the first."""
    first, second = _ask(_REPUTATION, stage), _ask(_AGAIN, stage)
    merge(
        question_id=second.pk,
        into_id=first.pk,
        at=_later(stage, 2, minutes=20),
        by=stage.people["support"],
    )


def _big_promotion(stage: Stage) -> None:
    """One that somebody looks after, and that is late by now."""
    asked = _ask(_BIG, stage)
    support = stage.people["support"]
    assign(question_id=asked.pk, to=support, at=_later(stage, 4, minutes=10), by=support)
    note(
        question_id=asked.pk,
        text="已问大促项目组，等报名表定稿后一起回复。",
        request_key=_key("note"),
        at=_later(stage, 4, minutes=50),
        by=support,
    )


def _call(stage: Stage) -> None:
    """One that came by phone and was answered there."""
    take_call(
        agency=stage.agencies["rising"],
        said=_CALL_ANSWER,
        close=True,
        keep=True,
        request_key=_key("call"),
        at=stage.at(1),
        by=stage.people["support"],
        caller="rising 负责人",
        caller_check=CallerCheck.CALLED_BACK,
        subject="等级几号更新",
        text="来电询问本月等级更新时间。",
        clause="data-month",
    )


def _ask(asked: _Asked, stage: Stage) -> Question:
    month = Evaluation.objects.published().order_by("-month").values_list("month", flat=True)
    about = {"page": asked.page, "month": f"{month[0]:%Y-%m}"} if asked.page else {}
    return ask(
        agency=stage.agencies[asked.who],
        by=stage.people[asked.who],
        at=stage.at(asked.days_ago),
        subject=asked.subject,
        text=asked.text,
        clause=asked.clause,
        about=about,
        request_key=_key(asked.subject),
    )


def _later(stage: Stage, days_ago: int, *, minutes: int) -> datetime:
    """So long after the morning of that day, never in time to come."""
    return min(stage.at(days_ago) + timedelta(minutes=minutes), stage.now)


def _key(name: str) -> UUID:
    return uuid5(_KEY, name)
