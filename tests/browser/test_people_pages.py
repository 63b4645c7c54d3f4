"""Every page around questions, mail, Star Source and events: WCAG 2.2 AA, fits, nobody complains.

Each is seen once, size, scheme and language in turn; whether it fits is asked of both widths. In
the long form (`make soak`) every page is seen in all four sights.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest

from agencies.enums import Role
from portal.enums import ContactKind, Topic
from portal.outbox.stopping import stop_token
from tests.browser.conduct import Windows, opened
from tests.browser.test_agency_pages import SIGHTS, SIZES, Sight, looked_at
from tests.factories import AgencyFactory, MembershipFactory
from tests.factories.service import ContactAssignmentFactory, ContactPersonFactory
from tests.factories.staff import operator
from tests.world import Case, case_of

pytestmark = pytest.mark.django_db(transaction=True)

STAFF = (
    *("/home/", "/staff/questions/", "/staff/questions/{question}/", "/staff/questions/call/"),
    *("/staff/questions/call/?agency={code}", "/staff/questions/close/?pick={question}"),
    *("/staff/question-figures/", "/staff/unclear-rules/", "/staff/service/"),
    *("/staff/contacts/", "/staff/contacts/{contact}/", "/staff/contacts/new/"),
    *("/staff/prepared-answers/", "/staff/prepared-answers/{canned}/"),
    *("/staff/public-answers/", "/staff/public-answers/{article}/"),
    *("/staff/agencies/", "/staff/agencies/{code}/", "/staff/agencies/{code}/why/"),
    *("/staff/looks/", "/staff/mails/", "/staff/mails/news/{mail}/"),
    *("/staff/star-source/", "/staff/star-source/{plan}/", "/staff/star-source/select/"),
    *("/staff/star-source/{plan}/move/", "/staff/star-source/{plan}/leave/"),
    *("/staff/events/", "/staff/events/new/", "/staff/events/{event}/"),
    *("/staff/events/{event}/change/", "/staff/events/{event}/door/"),
    "/staff/events/{event}/cancel/",
)
OWNER = (
    *("/home/", "/help/", "/help/?q=level", "/help/ask/", "/help/questions/{question}/"),
    *("/help/answers/{article}/", "/looks/", "/messages/", "/account/mail/"),
    *("/star-source/", "/star-source/{creator}/", "/events/", "/events/{event}/"),
)
NOBODY = ("/mail/stop/{token}/",)


@pytest.fixture
def windows(browser: Any, live_server: Any) -> Iterator[Windows]:
    with opened(browser, live_server) as windows:
        yield windows


def named(case: Case, member: Any) -> dict[str, Any]:
    """What the addresses name."""
    return {
        "question": case.people.question.pk,
        "code": case.agency.code,
        "contact": case.house.contact.pk,
        "canned": case.house.canned.pk,
        "article": case.house.article.pk,
        "mail": case.house.mail.pk,
        "plan": case.people.plan.pk,
        "creator": case.binding.creator.creator_id,
        "event": case.house.event.pk,
        "token": stop_token(member, [Topic.LEVEL]),
    }


def test_every_page_is_accessible_and_fits(windows: Windows) -> None:
    agency = AgencyFactory.create(
        name="杭州晴川文化传媒有限公司上海第一分公司", stage="assessed", level="V4"
    )
    case = case_of(agency)
    for kind in ContactKind:
        ContactAssignmentFactory.create(
            agency=agency, person=ContactPersonFactory.create(kind=kind)
        )
    owner = MembershipFactory.create(agency=agency, role=Role.OWNER).user
    people = {"staff": operator(), "owner": owner, "nobody": None}
    values = named(case, owner)
    turns = cycle(SIGHTS)
    pages, faults = {}, {}
    for who, addresses in {"staff": STAFF, "owner": OWNER, "nobody": NOBODY}.items():
        for address in addresses:
            for locale, scheme, size in SIGHTS if os.environ.get("SOAK") else [next(turns)]:
                sight = Sight(address, who, locale, scheme, size)
                if (locale, scheme) not in pages:
                    pages[locale, scheme] = windows.open(
                        locale=locale, color_scheme=scheme, viewport=SIZES[size], axe=True
                    )
                page = pages[locale, scheme]
                windows.sign_in(page, people[who])
                if found := looked_at(page, sight, address.format(**values)):
                    faults[str(sight)] = found
    assert faults == {}
