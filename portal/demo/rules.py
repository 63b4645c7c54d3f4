"""New rules on the demo platform: a draft that agencies are asked about, tried on past months.

Told by the actions that people use, on days of the current month; nothing published changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from portal.demo.stage import Stage
from scoring.backtests.life import ask_back_test
from scoring.consultation_comments import answer_comment, write_comment
from scoring.models import Consultation, Evaluation, RulebookVersion
from scoring.months import month_begins, next_month
from scoring.rulebook import Indicator, Rulebook, Text
from scoring.rulebook_drafts import change_part, copy_as_draft
from scoring.rulebook_life import open_consultation

PARTS = {"v5", "v3"}
_OPEN_DAYS = 14
_REASONS_ZH = (
    "过去几个月，抖in好物的供给明显增加，原有节点已不能区分机构的差异；同时不少机构反映，"
    "申诉尚未有结论时等级就先行下降。草案据此调整抖in好物占比的节点，并在申诉期间保留原等级。"
)
_REASONS_EN = (
    "The supply of good-goods has grown in the last months, so that the knots no longer tell"
    " agencies apart. Agencies also say that levels fall while an appeal is undecided. The draft"
    " changes the knots of the good-goods share, and holds a level during an appeal."
)
_SAID = (
    ("v5", "indicator-good-goods-share", "建议给服装类目留出过渡期，好物审核周期较长。"),
    ("v3", "appeal", "支持申诉期间保留等级，请说明裁定后何时更新。"),
)
_ANSWER_ZH = "裁定后系统会自动重新计算所涉月份，并在消息中心通知机构。"
_ANSWER_EN = (
    "Once the appeal is decided the month is computed again by itself, and the agency is told in"
    " its messages."
)


@transaction.atomic
def play_rules(situations: Mapping[str, str], *, now: datetime) -> bool:
    """Play the scene once; whether it was played now."""
    if not situations.keys() >= PARTS or Consultation.objects.exists():
        return False
    stage = Stage.of(situations, now=now)
    version = _draft(stage)
    consultation = open_consultation(
        version_id=version.pk,
        seen_sha256=version.sha256,
        opens_at=stage.at(4),
        closes_at=month_begins(stage.day(4) + timedelta(days=_OPEN_DAYS + 1)),
        reasons_zh=_REASONS_ZH,
        reasons_en=_REASONS_EN,
        at=stage.at(4),
        by=stage.people["operations"],
    )
    comments = [
        write_comment(
            agency=stage.agencies[name],
            consultation_id=consultation.pk,
            clause=clause,
            text=text,
            at=stage.at(3),
            by=stage.people[name],
        )
        for name, clause, text in _SAID
    ]
    answer_comment(
        comment_id=comments[-1].pk,
        answer_zh=_ANSWER_ZH,
        answer_en=_ANSWER_EN,
        at=stage.at(2),
        by=stage.people["admin"],
    )
    months = Evaluation.objects.published().order_by("-month").values_list("month", flat=True)
    ask_back_test(
        version_id=version.pk, months=list(months[:3]), at=now, by=stage.people["operations"]
    )
    return True


def _draft(stage: Stage) -> RulebookVersion:
    """A copy of the rules in force with the changes that agencies are asked about."""
    ends = stage.day(4) + timedelta(days=_OPEN_DAYS + 2)
    first = next_month(ends.replace(day=1))
    draft = copy_as_draft(
        version_id=RulebookVersion.objects.for_month(first).pk,
        new_version=f"{first:%Y-%m}",
        effective_from=f"{first:%Y-%m}",
        at=stage.at(6),
        by=stage.people["operations"],
    )
    return change_part(
        version_id=draft.pk,
        rulebook=_changed(draft.rulebook),
        seen_sha256=draft.sha256,
        by=stage.people["operations"],
    )


def _changed(rules: Rulebook) -> Rulebook:
    return replace(
        rules,
        title=Text("机构等级规则：抖in好物与申诉", "Level rules: good-goods and appeals"),
        appeals=replace(rules.appeals, hold_fall=True),
        indicators=tuple(map(_harder_for_good_goods, rules.indicators)),
    )


def _harder_for_good_goods(indicator: Indicator) -> Indicator:
    if indicator.key != "good_goods_share":
        return indicator
    knots = [
        replace(knot, value=knot.value + Decimal("0.05")) if knot.value else knot
        for knot in indicator.knots
    ]
    return replace(indicator, knots=tuple(knots), source="D")
