"""Case numbers in addresses: whatever sign they hold, the case is found."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
import time_machine
from django.urls import resolve, reverse
from hypothesis import example, given
from hypothesis import strategies as st

from agencies.enums import ViolationState
from agencies.urls.agency import CaseNumber
from tests.factories import MembershipFactory, ViolationFactory
from tests.factories.staff import signed_in

NOW = datetime(2026, 5, 12, 4, 0, tzinfo=UTC)  # the factory's cases can be appealed against
numbers = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"), min_size=1)


@given(numbers)
@example("..")
@example("~d~~s/")
@example("a/b")
@example("2026/appeal")
@example("%2F?#;")
def test_every_number_comes_back_from_its_address(number: str) -> None:
    written = CaseNumber().to_url(number)
    assert CaseNumber().to_python(written) == number
    assert not {"/", "."} & set(written)
    for name in ("violation", "appeal"):
        match = resolve(unquote(reverse(name, args=[number])))
        assert (match.url_name, match.kwargs) == (name, {"reference": number})


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["..", ".", "a/b", "2026/appeal", "/", "~s", "百 分%2F?#"])
def test_the_case_is_read_and_appealed_against(number: str) -> None:
    case = ViolationFactory.create(reference=number, summary="THIS ONE")
    ViolationFactory.create(agency=case.agency, reference="2026", summary="ANOTHER")
    address = reverse("violation", args=[number])
    with time_machine.travel(NOW, tick=False):
        member = signed_in(MembershipFactory.create(agency=case.agency).user)
        page = member.get(address)
        assert page.status_code == 200
        assert "THIS ONE" in page.content.decode()
        answer = member.post(reverse("appeal", args=[number]), {"text": "No."})
    assert (answer.status_code, answer.headers["location"]) == (302, address)
    case.refresh_from_db()
    assert case.state == ViolationState.APPEALED
