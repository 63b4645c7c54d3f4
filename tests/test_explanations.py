"""What members are told holds to the hundredth: waterfall, cheapest way, receipt, end to end."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
import time_machine
from django.test import Client

from scoring.guidance import DECIMALS
from scoring.models import Assessment, RowExport
from scoring.receipts.run import make_rows
from scoring.rulebook import INDICATOR_KEYS
from tests.factories.staff import signed_in
from tests.kinds import NOW, OCTOBER, SEPTEMBER, Kind, build_kinds

pytestmark = pytest.mark.django_db(transaction=True)

SHARES = {"showcase_share", "good_goods_share"}


@pytest.fixture
def kinds() -> Iterator[Mapping[str, Kind]]:
    with time_machine.travel(NOW, tick=False):
        yield build_kinds()


def test_explanations_of_three_agencies_are_exact(
    kinds: Mapping[str, Kind], tmp_path: Path
) -> None:
    for name in ("falling", "rising", "by_service"):
        kind = kinds[name]
        client = signed_in(kind.owner)
        waterfall_adds_up(client, kind)
        by_creator_adds_up(client)
        cheapest_way_is_needed_to_the_last_unit(client)
        receipt_is_recomputed(client, kind, tmp_path)


def waterfall_adds_up(client: Client, kind: Kind) -> None:
    """Start, rules, indicators and cap give the end; start and end are the published totals."""
    total = {
        month: Assessment.objects.get(agency=kind.agency, evaluation__month=month).total
        for month in (SEPTEMBER, OCTOBER)
    }
    fall = client.get("/score/movement/").context["movement"].fall
    steps = sum((step.points for step in fall.steps), start=Decimal(0))
    assert (fall.start, fall.end) == (total[SEPTEMBER], total[OCTOBER])
    assert fall.start + fall.rules + steps + fall.cap == fall.end


def by_creator_adds_up(client: Client) -> None:
    """Creators, the others together and the interplay give the change of each indicator."""
    for key in INDICATOR_KEYS:
        context = client.get(f"/score/movement/{key}/").context
        move, effects = context["move"], context["effects"]
        told = [row.effect for row in effects.rows if row.effect is not None]
        parts = sum(told, start=effects.others + effects.remainder)
        change = (move.now - move.before) * (100 if key in SHARES else 1)
        assert (parts, effects.change) == (change, change)


def cheapest_way_is_needed_to_the_last_unit(client: Client) -> None:
    """The way's values reach the level in the simulator; one unit less of any part does not."""
    page = client.get("/guidance/").context["page"]
    ahead = page.nearest
    way = ahead.ways[0]
    values = dict(parse_qsl(way.query, keep_blank_values=True))
    assert simulated(client, values) == ahead.level.key
    for step in way.steps:
        less = Decimal(values[step.key]) - unit(step.key)
        assert simulated(client, {**values, step.key: f"{less:f}"}) != ahead.level.key


def simulated(client: Client, values: Mapping[str, str]) -> str:
    result = client.get(f"/guidance/simulator/?{urlencode(values)}").context["result"]
    return str(result.then.level)


def unit(key: str) -> Decimal:
    """The smallest step of an indicator as the simulator takes it: shares in per cent."""
    return Decimal(1).scaleb(-DECIMALS[key] + (2 if key in SHARES else 0))


def receipt_is_recomputed(client: Client, kind: Kind, folder: Path) -> None:
    """The script prints the page's total from the file that the page offers."""
    client.post("/score/rows/ask/", {"month": "2026-10"})
    make_rows(RowExport.objects.get(agency=kind.agency).pk, clock=lambda: NOW)
    page = client.get("/score/receipt/").content.decode()
    rows, script, rulebook = folder / "rows.csv", folder / "recompute.py", folder / "rules.toml"
    for path, pattern in (
        (rows, r'href="(/score/rows/\d+/)"'),
        (script, r'href="(/score/recompute.py)"'),
        (rulebook, r'href="(/public/rules/[^"]+\.toml)"'),
    ):
        (address,) = set(re.findall(pattern, page))
        path.write_bytes(b"".join(client.get(address)))
    printed = subprocess.run(
        [sys.executable, "-I", str(script), str(rows), str(rulebook)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    total = Assessment.objects.get(agency=kind.agency, evaluation__month=OCTOBER).total
    assert printed.splitlines()[-1].split() == ["total", str(total)]
    assert f"{total:,.2f}" in page
