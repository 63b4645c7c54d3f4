"""Salons of the demo platform: one that was, one with free seats, one that is full."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from django.db import transaction

from agencies.actions.case_files import NewFile
from portal.demo.pictures import screenshot
from portal.demo.stage import Stage
from portal.events.registering import register
from portal.events.running import add_material, check_in, publish_event, write_event
from portal.models import Event
from scoring.months import month_begins

PARTS: Final = {"v5", "v4", "v3", "v2", "v1"}
_KEY: Final = UUID("0a4b8a0e-6f0e-4a5e-8d7c-2a3a7a9b1c22")
_LENGTH: Final = timedelta(hours=3, minutes=30)
# City, venue, title, days from today, seats, who comes.
_SALONS: Final[tuple[dict[str, Any], ...]] = (
    {
        "city": ("广州", "Guangzhou"),
        "venue": ("天河区体育西路 191 号 4 层", "4th floor, 191 Tiyu West Road, Tianhe"),
        "title": ("城市私享会：达人孵化与口碑", "City salon: growing creators, keeping reputation"),
        "day": -12,
        "seats": 30,
        "people": (("v5", "周然"), ("v4", "许一帆"), ("v3", "梁晨")),
    },
    {
        "city": ("杭州", "Hangzhou"),
        "venue": ("西湖区文三路 478 号 2 层", "2nd floor, 478 Wensan Road, Xihu"),
        "title": ("城市私享会：橱窗带货四步走", "City salon: the showcase in four steps"),
        "day": 9,
        "seats": 40,
        "people": (("v5", "周然"), ("v2", "何沁"), ("v1", "方远")),
    },
    {
        "city": ("成都", "Chengdu"),
        "venue": ("高新区天府大道 1388 号 1 层", "1st floor, 1388 Tianfu Avenue, Gaoxin"),
        "title": ("城市私享会：大促备战", "City salon: getting ready for big promotions"),
        "day": 16,
        "seats": 2,
        "people": (("v4", "许一帆"), ("v3", "梁晨"), ("v5", "周然"), ("v2", "何沁")),
    },
)
_PROGRAMME: Final = (
    (0, 30, "平台规则与近期变化", "Rules of the platform, and what changed", "林岚", False),
    (30, 60, "机构实战分享", "What works: an agency tells", "周然", True),
    (90, 45, "圆桌：下个月怎么做", "Round table: what to do next month", "", False),
)


@transaction.atomic
def play_salons(situations: Mapping[str, str], *, now: datetime) -> bool:
    """Play the scene once; whether it was played now."""
    if not situations.keys() >= PARTS or Event.objects.exists():
        return False
    stage = Stage.of(situations, now=now)
    for number, salon in enumerate(_SALONS):
        _hold(number, salon, stage)
    return True


def _hold(number: int, salon: Mapping[str, Any], stage: Stage) -> None:
    by = stage.people["operations"]
    day = month_begins(stage.day(0) + timedelta(days=salon["day"]))
    begins = day + timedelta(hours=14)
    # a salon that is over was announced long before it
    announced = min(stage.at(5), begins - timedelta(days=10))
    event = write_event(
        event_id=None,
        values=_values(salon, begins),
        items=_items(begins, stage),
        at=announced,
        by=by,
    )
    publish_event(event_id=event.pk, at=announced, by=by)
    seats = [
        register(
            agency=stage.agencies[name],
            event_id=event.pk,
            person=person,
            phone=f"1380000{number}{place:03d}",
            request_key=uuid5(_KEY, f"{number} {place}"),
            at=min(announced + timedelta(hours=place + 1), stage.now),
            by=stage.people[name],
        )
        for place, (name, person) in enumerate(salon["people"])
    ]
    if salon["day"] < 0:
        for seat in seats[:2]:
            check_in(event_id=event.pk, registration_id=seat.pk, at=begins, by=by)
        add_material(
            event_id=event.pk,
            title_zh="现场讲义",
            title_en="Slides of the day",
            file=NewFile("slides.png", screenshot()),
            at=begins + timedelta(days=1),
            by=by,
        )


def _values(salon: Mapping[str, Any], begins: datetime) -> dict[str, Any]:
    texts = {
        f"{field}_{language}": salon[field][place]
        for field in ("city", "venue", "title")
        for place, language in enumerate(("zh", "en"))
    }
    return {
        **texts,
        "text_zh": "面向机构负责人与运营负责人，名额有限，请填写到场人员的真实姓名。",
        "text_en": "For owners and heads of operations. Seats are few: name who really comes.",
        "starts_at": begins,
        "ends_at": begins + _LENGTH,
        "register_until": begins - timedelta(days=2),
        "seats": salon["seats"],
        "most_per_agency": 2,
    }


def _items(begins: datetime, stage: Stage) -> list[dict[str, Any]]:
    return [
        {
            "starts_at": begins + timedelta(minutes=after),
            "ends_at": begins + timedelta(minutes=after + lasts),
            "title_zh": zh,
            "title_en": en,
            "speaker": speaker,
            "speaker_zh": ("机构负责人" if theirs else "平台运营") if speaker else "",
            "speaker_en": ("Owner of an agency" if theirs else "The platform") if speaker else "",
            "speaker_agency": stage.agencies["v5"] if theirs else None,
        }
        for after, lasts, zh, en, speaker, theirs in _PROGRAMME
    ]
