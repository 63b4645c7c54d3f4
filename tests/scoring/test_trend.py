"""The total over twelve months, and what the charts are given to draw."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.template import engines
from django.test import Client

from agencies.enums import Stage
from scoring.months import add_months
from scoring.queries.results import MonthResult
from scoring.queries.trend import trend
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    EvaluationFactory,
    MembershipFactory,
)
from tests.factories.staff import signed_in

JULY, AUGUST, SEPTEMBER, OCTOBER = (date(2026, month, 1) for month in (7, 8, 9, 10))


def result(month: date, total: str | None, level: str = "V3", stage: str = "assessed") -> Any:
    return MonthResult(month, stage, level, None if total is None else Decimal(total))


def test_it_shows_at_most_twelve_months_up_to_the_chosen_one() -> None:
    results = [result(add_months(OCTOBER, -back), f"{500 + back}.00") for back in range(20)]
    months = trend(results, SEPTEMBER)
    assert [each.month for each in months] == [add_months(OCTOBER, -n) for n in range(12, 0, -1)]
    assert (months[0].total, months[-1].total) == (Decimal("512.00"), Decimal("501.00"))


def test_a_month_without_points_between_others_is_a_gap() -> None:
    results = [
        result(OCTOBER, "600.00"),
        result(AUGUST, "580.00", "", Stage.OBSERVATION),
        result(JULY, None, "", Stage.NOVICE),
    ]
    months = trend(results, OCTOBER)
    assert [(each.month, each.total) for each in months] == [
        (AUGUST, Decimal("580.00")),
        (SEPTEMBER, None),
        (OCTOBER, Decimal("600.00")),
    ]
    assert [str(each.told) for each in months] == ["Observation stage", "no published result", "V3"]


def test_novice_months_alone_are_no_trend() -> None:
    assert trend([result(OCTOBER, None, "", Stage.NOVICE)], OCTOBER) == ()


@pytest.mark.django_db
class TestScorePage:
    @pytest.fixture
    def body(self) -> str:
        agency = AgencyFactory.create()
        for month, stage in ((AUGUST, Stage.OBSERVATION), (SEPTEMBER, None), (OCTOBER, None)):
            AssessmentFactory.create(
                evaluation=EvaluationFactory.create(month=month),
                agency=agency,
                **({"stage": stage} if stage else {}),
            )
        client: Client = signed_in(MembershipFactory.create(agency=agency).user)
        return client.get("/score/").content.decode()

    def drawings(self, body: str) -> list[Any]:
        found = re.findall(r'<script type="application/json">(.*?)</script>', body, re.S)
        return [json.loads(each) for each in found]

    def test_radar_and_trend_draw_what_the_table_says(self, body: str) -> None:
        radar, line = self.drawings(body)
        assert [each["name"] for each in radar["series"]] == ["October 2026", "September 2026"]
        assert radar["axes"][0] == "Settled amount"
        assert radar["series"][0]["values"][0] == "0.4679"  # 102.93 of 220
        assert radar["series"][0]["texts"][0] == "46.79%"
        assert [each["open"] for each in line["months"]] == [True, False, False]
        assert [each["value"] for each in line["months"]] == ["641.11"] * 3
        assert [(each["name"], each["value"]) for each in line["lines"]] == [
            ("V2", "400"),
            ("V3", "550"),
            ("V4", "700"),
            ("V5", "850"),
        ]
        text = " ".join(re.sub(r"<[^>]+>", " ", body).split())
        assert "Settled amount 46.79% 46.79%" in text
        assert "August 2026 641.11 Observation stage" in text

    def test_every_indicator_can_be_pointed_at(self, body: str) -> None:
        for key in ("settled_amount", "reputation", "worry_free_orders"):
            assert f'id="{key}"' in body
            assert f"/score/movement/{key}/?month=2026-10" in body

    def test_it_leads_to_movement_receipt_and_guidance(self, body: str) -> None:
        for address in ("/score/movement/?month=2026-10", "/score/receipt/?month=2026-10"):
            assert f'href="{address}"' in body
        assert 'href="/guidance/"' in body


def rendered(kind: str, data: dict[str, Any], **more: Any) -> str:
    template = engines["django"].from_string("{% load charts %}{% chart kind data label table %}")
    context = {"kind": kind, "data": data, "label": "Label", "table": True, **more}
    return str(template.render(context))


BARS = {
    "unit": "yuan",
    "head": ["Creator", "Effect"],
    "bars": [
        {"name": "</script><b>", "value": Decimal("-123456.78")},
        {"name": "other", "value": Decimal("0.00")},
    ],
}


def test_bars_are_exact_in_the_table_and_short_in_the_drawing() -> None:
    page = rendered("bars", BARS)
    found = re.search(r'<script type="application/json">(.*?)</script>', page, re.S)
    assert found is not None
    first, second = json.loads(found[1])["bars"]
    assert (first["text"], first["short"]) == ("−¥123,456.78", "−¥123.46K")
    assert (second["text"], second["short"]) == ("¥0.00", "¥0.00")
    assert '<th scope="row">&lt;/script&gt;&lt;b&gt;</th>' in page
    assert "<b>" not in page


def test_the_table_is_left_out_where_the_page_has_its_own() -> None:
    assert "<table" in rendered("bars", BARS)
    assert "<table" not in rendered("bars", BARS, table=False)


def test_the_columns_of_a_waterfall_are_changes_and_what_is_reached() -> None:
    data = {
        "unit": "points",
        "head": ["What", "Change", "Reached"],
        "bars": [
            {"name": "a", "start": Decimal(10), "end": Decimal(10), "total": True},
            {"name": "b", "start": Decimal(10), "end": Decimal("8.50"), "total": False},
        ],
    }
    text = " ".join(re.sub(r"<[^>]+>", " ", rendered("waterfall", data)).split())
    assert text.endswith("What Change Reached a 10.00 b −1.50 8.50")


def test_an_unknown_kind_of_chart_is_an_error() -> None:
    with pytest.raises(KeyError):
        rendered("pie", {})
