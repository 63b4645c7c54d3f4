"""Every page around rules, months, files and disputes: WCAG 2.2 AA, fits, nobody complains.

Each is seen once, size, scheme and language in turn; whether it fits is asked of both widths. In
the long form (`make soak`) every page is seen in all four sights.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import time_machine

from agencies.enums import Role
from scoring.models import RulebookVersion
from tests.browser.conduct import Windows, opened
from tests.browser.test_agency_pages import SIGHTS, SIZES, Sight, looked_at
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory, MembershipFactory
from tests.factories.backtests import ready_test
from tests.factories.consultations import AT, answered
from tests.factories.disputes import MONTH
from tests.factories.evaluations import computed_revision, mark_of, release_of
from tests.factories.staff import operator
from tests.factories.uploads import csv_file, imported, received
from tests.world_rules import SEPTEMBER, said_by, shared

pytestmark = pytest.mark.django_db(transaction=True)

RULES = "/staff/rulebooks/{draft}/"
STAFF = (
    *("/staff/evaluations/", "/staff/evaluations/ask/", "/staff/evaluations/{published}/"),
    *("/staff/evaluations/{held}/", "/staff/evaluations/{published}/compare/?with={held}"),
    *("/staff/imports/", "/staff/imports/{delivery}/", "/staff/coverage/?month=2026-10"),
    *("/staff/disputes/", "/staff/disputes/{dispute}/", "/staff/backtests/"),
    *("/staff/backtests/{test}/", "/staff/backtests/{test}/?with={other}", "/staff/rulebooks/"),
    *(RULES, f"{RULES}?against={{default}}", f"{RULES}history/", f"{RULES}copy/"),
    *(f"{RULES}parts/indicator/reputation/", f"{RULES}parts/levels/", f"{RULES}parts/benefits/"),
    *(f"{RULES}parts/credit/", f"{RULES}parts/violations/", f"{RULES}parts/general/"),
    *("/staff/rulebooks/import/", f"{RULES}consult/", "/staff/consultations/"),
    "/staff/consultations/{consultation}/",
)
OWNER = (
    *("/rules/consultations/", "/rules/consultations/{consultation}/", "/disputes/"),
    *("/disputes/new/", "/disputes/{dispute}/", "/score/?month=2026-10&revision=1"),
)
PUBLIC = ("/public/consultations/", "/public/consultations/{consultation}/?text=full")


@pytest.fixture
def windows(browser: Any, live_server: Any) -> Iterator[Windows]:
    with opened(browser, live_server) as windows:
        yield windows


@pytest.fixture
def agency() -> Iterator[Any]:
    with time_machine.travel(AT, tick=False):
        yield AgencyFactory.create(name="杭州晴川文化传媒有限公司上海第一分公司")


def rows(agency: Any) -> dict[str, Any]:
    """One of everything that the pages show, and what their addresses name."""
    platform = shared()
    said = said_by(agency, platform.consultation, text="建议给服装类目留出过渡期。\n请说明。")
    answered(said.comment)
    delivered = imported(
        "facts", csv_file("facts", "C-1,2026-10-05,1,0,0,1,0,0,,,", "C-1,x,,,,,,,,")
    )
    received("facts", csv_file("facts", "C-2,2026-10-06,1,0,0,1,0,0,,,"))
    published = EvaluationFactory.create(month=MONTH)
    AssessmentFactory.create(evaluation=published, agency=agency)
    mark_of(published)
    held = computed_revision(facts=False, month=MONTH, revision=2, results=[{"agency": agency}])
    release_of(held)
    test, other = (
        ready_test(version, MONTH) for version in (platform.draft, platform.consultation.version)
    )
    return {
        "draft": platform.draft.pk,
        "default": RulebookVersion.objects.for_month(SEPTEMBER).pk,
        "consultation": platform.consultation.pk,
        "delivery": delivered.imported_id,
        "dispute": said.dispute.pk,
        "published": published.pk,
        "held": held.pk,
        "test": test.pk,
        "other": other.pk,
    }


def test_every_page_is_accessible_and_fits(windows: Windows, agency: Any) -> None:
    named = rows(agency)
    people = {
        "staff": operator(),
        "owner": MembershipFactory.create(agency=agency, role=Role.OWNER).user,
        "nobody": None,
    }
    looks = {"staff": STAFF, "owner": OWNER, "nobody": PUBLIC}
    turns = cycle(SIGHTS)
    pages, faults = {}, {}
    for who, addresses in looks.items():
        for address in addresses:
            for locale, scheme, size in SIGHTS if os.environ.get("SOAK") else [next(turns)]:
                sight = Sight(address, who, locale, scheme, size)
                if (locale, scheme) not in pages:
                    pages[locale, scheme] = windows.open(
                        locale=locale, color_scheme=scheme, viewport=SIZES[size], axe=True
                    )
                page = pages[locale, scheme]
                windows.sign_in(page, people[who])
                if found := looked_at(page, sight, address.format(**named)):
                    faults[str(sight)] = found
    assert faults == {}
