"""The gallery shows every component, to staff only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.factories import MembershipFactory
from tests.factories.staff import signed_in, supporter

pytestmark = pytest.mark.django_db

TEMPLATES = Path(settings.BASE_DIR) / "templates"
# Shown by every page around its content, or parts of a component that is there.
ELSEWHERE = {"brand_mark.html"}


def test_staff_see_it_and_nobody_else() -> None:
    assert signed_in(supporter()).get("/staff/gallery/").status_code == 200
    assert signed_in(MembershipFactory.create().user).get("/staff/gallery/").status_code == 403
    assert Client().get("/staff/gallery/").status_code == 302


def test_figures_are_grouped_and_units_are_named_in_the_readers_language() -> None:
    page = signed_in(supporter()).get("/staff/gallery/").content.decode()
    assert '<td class="num">3,000</td>' in page
    chinese = signed_in(supporter()).get("/staff/gallery/", headers={"accept-language": "zh-hans"})
    assert "<td>yuan</td>" in page
    assert "<td>元</td>" in chinese.content.decode()


def test_nothing_can_be_sent_to_it() -> None:
    assert signed_in(supporter()).post("/staff/gallery/").status_code == 405


def test_every_component_is_on_it() -> None:
    response = signed_in(supporter()).get("/staff/gallery/")
    used = {template.name for template in response.templates if template.name}
    components = {f"_components/{path.name}" for path in (TEMPLATES / "_components").iterdir()}
    assert components - used - {f"_components/{name}" for name in ELSEWHERE} == set()


def test_it_shows_the_complaints_of_fields_and_all_kinds_of_charts() -> None:
    page = signed_in(supporter()).get("/staff/gallery/").content.decode()
    assert page.count('class="field-error"') == 4
    assert set(re.findall(r'data-chart="(\w+)"', page)) == {"radar", "trend", "waterfall", "bars"}
