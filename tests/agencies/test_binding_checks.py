"""Each rule that refuses a binding: the sentence, and from when on it is possible again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from agencies.actions.binding_checks import Limits, check, limits_of
from agencies.enums import Measure, PenaltyState, Stage
from agencies.ledger import Deduction, deduct
from agencies.models import Agency, Creator, Penalty
from agencies.refusals import Refused
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory, ViolationFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def refusal(agency: Agency, creator: Creator, on: date = TODAY, **given: Any) -> Refused:
    with pytest.raises(Refused) as refused:
        check(agency, creator, on=on, today=TODAY, **given)
    return refused.value


def told(refused: Refused) -> tuple[str, date | None, str]:
    return refused.rule, refused.until, str(refused)


def suspend(agency: Agency, **fields: Any) -> Penalty:
    ordinary = {
        "kind": Measure.SUSPEND_BINDING,
        "state": PenaltyState.ACTIVE,
        "starts_on": TODAY,
        "until": TODAY + 30 * DAY,
    }
    violation = ViolationFactory.create(agency=agency)
    return Penalty.objects.create(agency=agency, violation=violation, **{**ordinary, **fields})


def lose(agency: Agency, points: int, on: date) -> None:
    case = ViolationFactory.create(agency=agency, occurred_on=on, decided_on=on, points=points)
    deduct([Deduction(agency.pk, case.pk, points, on, case.reference)], at=timezone.now())


def filled(agency: Agency, places: int) -> Agency:
    BindingFactory.create_batch(places, agency=agency)
    return agency


def levelled(**fields: Any) -> Agency:
    return AgencyFactory.create(**{"stage": Stage.ASSESSED, "level": "V1", **fields})


def test_nothing_refuses_an_ordinary_binding() -> None:
    check(AgencyFactory.create(), CreatorFactory.create(), on=TODAY, today=TODAY)


def test_a_removed_agency() -> None:
    agency = AgencyFactory.create(removed_on=date(2026, 11, 1))
    assert told(refusal(agency, CreatorFactory.create())) == (
        "removed",
        None,
        "The agency was removed from the platform on Nov. 1, 2026 and can bind no creators.",
    )


def test_a_removal_that_is_to_come_counts_from_its_day_on() -> None:
    agency, creator = AgencyFactory.create(removed_on=TODAY + DAY), CreatorFactory.create()
    check(agency, creator, on=TODAY, today=TODAY)
    with pytest.raises(Refused) as refused:
        check(agency, creator, on=TODAY + DAY, today=TODAY)
    assert refused.value.rule == "removed"


def test_a_day_before_joining() -> None:
    agency = AgencyFactory.create(joined_on=TODAY + DAY)
    assert told(refusal(agency, CreatorFactory.create())) == (
        "before_joining",
        TODAY + DAY,
        "The agency joined on Nov. 23, 2026; no creator can be bound to it before that day.",
    )
    check(agency, CreatorFactory.create(), on=TODAY + DAY, today=TODAY)


def test_a_suspension_names_its_end_and_holds_no_longer() -> None:
    agency, creator = AgencyFactory.create(), CreatorFactory.create()
    suspend(agency)
    suspend(agency, kind=Measure.LINKED_AGENCIES, until=TODAY + 31 * DAY)
    end = TODAY + 31 * DAY
    assert told(refusal(agency, creator)) == (
        "suspended",
        end,
        "A penalty suspends the agency's binding of creators; it is possible again from"
        " Dec. 23, 2026.",
    )
    assert refusal(agency, creator, on=end - DAY).rule == "suspended"
    check(agency, creator, on=end, today=TODAY)


def test_a_suspension_without_an_end() -> None:
    agency = AgencyFactory.create()
    suspend(agency)
    suspend(agency, until=None)
    assert told(refusal(agency, CreatorFactory.create())) == (
        "suspended",
        None,
        "A penalty suspends the agency's binding of creators until further notice.",
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"state": PenaltyState.LIFTED},
        {"state": PenaltyState.PLANNED},
        {"kind": Measure.WARNING},
        {"starts_on": TODAY + DAY},
        {"starts_on": TODAY - 9 * DAY, "until": TODAY},
    ],
)
def test_what_does_not_suspend(fields: dict[str, Any]) -> None:
    agency = AgencyFactory.create()
    suspend(agency, **fields)
    suspend(AgencyFactory.create())
    check(agency, CreatorFactory.create(), on=TODAY, today=TODAY)


def test_an_expired_suspension_counts_by_its_days_not_by_its_state() -> None:
    agency = AgencyFactory.create()
    suspend(agency, state=PenaltyState.EXPIRED)
    assert refusal(agency, CreatorFactory.create()).rule == "suspended"


def test_low_credit_names_the_band_and_its_end() -> None:
    agency, creator = AgencyFactory.create(), CreatorFactory.create()
    lose(agency, 41, TODAY)
    end = TODAY + 30 * DAY
    assert told(refusal(agency, creator)) == (
        "credit",
        end,
        "The agency's credit fell below 80 points, which forbids new bindings for 30 days: it can"
        " bind creators again from Dec. 22, 2026.",
    )
    check(agency, creator, on=end, today=TODAY)


def test_a_creator_whom_only_facts_have_named() -> None:
    creator = CreatorFactory.create(creator_id="C7", introduced_on=None, nickname="")
    assert told(refusal(AgencyFactory.create(), creator)) == (
        "not_introduced",
        None,
        "The platform knows no creator with the ID C7. Check the ID; a new creator can be bound"
        " once the platform has delivered the creator's data.",
    )


def test_of_another_agency_only_the_date_is_told() -> None:
    creator = CreatorFactory.create(creator_id="C7", nickname="小七")
    other = BindingFactory.create(creator=creator, bound_from=date(2026, 3, 4))
    rule, until, sentence = told(refusal(AgencyFactory.create(), creator))
    assert (rule, until) == ("bound", None)
    assert sentence == (
        "Creator 小七 (C7) is bound to another agency since March 4, 2026. A creator has one agency"
        " at a time; the creator can ask to leave it."
    )
    assert other.agency.name not in sentence


def test_the_agency_itself_has_the_creator() -> None:
    creator = CreatorFactory.create(creator_id="C7", nickname="")
    own = BindingFactory.create(creator=creator, bound_from=date(2026, 3, 4))
    assert told(refusal(own.agency, creator)) == (
        "bound",
        None,
        "Creator C7 is already bound to this agency, since March 4, 2026.",
    )


def test_an_end_that_is_agreed_is_named_to_the_own_agency() -> None:
    creator = CreatorFactory.create(creator_id="C7", nickname="")
    own = BindingFactory.create(
        creator=creator, bound_from=date(2026, 3, 4), bound_until=TODAY + DAY
    )
    assert told(refusal(own.agency, creator)) == (
        "bound",
        TODAY + DAY,
        "Creator C7 is bound to this agency since March 4, 2026; that binding ends first, and a new"
        " one can begin on Nov. 23, 2026.",
    )
    check(own.agency, creator, on=TODAY + DAY, today=TODAY)


def test_a_binding_that_begins_later_is_in_the_way_too() -> None:
    creator = CreatorFactory.create(creator_id="C7", nickname="")
    later = BindingFactory.create(creator=creator, bound_from=TODAY + 5 * DAY)
    assert told(refusal(AgencyFactory.create(), creator)) == (
        "bound",
        None,
        "A binding of creator C7 to another agency begins on Nov. 27, 2026. A creator has one"
        " agency at a time.",
    )
    assert told(refusal(later.agency, creator)) == (
        "bound",
        None,
        "A binding of creator C7 to this agency already begins on Nov. 27, 2026.",
    )


def test_a_binding_that_is_over_or_ignored_is_not_in_the_way() -> None:
    agency, creator = AgencyFactory.create(), CreatorFactory.create()
    BindingFactory.create(creator=creator, bound_until=date(2026, 3, 4))
    current = BindingFactory.create(creator=creator, bound_from=date(2026, 3, 4))
    check(agency, creator, on=TODAY, today=TODAY, ignoring=current)
    assert refusal(agency, creator).rule == "bound"


def test_five_million_followers_and_not_one_fewer() -> None:
    agency = levelled(binding_cap=50, followers_below=5_000_000)
    creator = CreatorFactory.create(
        creator_id="C7", nickname="", followers=5_000_000, followers_on=date(2026, 11, 20)
    )
    assert told(refusal(agency, creator)) == (
        "followers",
        None,
        "Creator C7 has 5,000,000 followers (as of Nov. 20, 2026). At its present level the agency"
        " may bind creators with fewer than 5,000,000; higher levels have no such limit, and levels"
        " are set on the 3rd of each month.",
    )
    Creator.objects.update(followers=4_999_999)
    creator.refresh_from_db()
    check(agency, creator, on=TODAY, today=TODAY)


def test_followers_that_nobody_knows_are_not_refused() -> None:
    agency = levelled(binding_cap=50, followers_below=1)
    check(agency, CreatorFactory.create(), on=TODAY, today=TODAY)


def test_a_full_agency_names_its_cap() -> None:
    agency = filled(levelled(binding_cap=3), 3)
    assert told(refusal(agency, CreatorFactory.create())) == (
        "cap",
        None,
        "At its present level the agency may bind 3 creators, and it has 3. A place is free once a"
        " binding ends or the level rises; levels are set on the 3rd of each month.",
    )


def test_the_cap_counts_creators_who_are_bound_today_or_later() -> None:
    agency = filled(levelled(binding_cap=3), 1)
    BindingFactory.create(agency=agency, bound_until=TODAY)
    creator = CreatorFactory.create()
    BindingFactory.create(agency=agency, creator=creator, bound_until=TODAY + DAY)
    BindingFactory.create(agency=agency, creator=creator, bound_from=TODAY + DAY)
    check(agency, CreatorFactory.create(), on=TODAY, today=TODAY)
    BindingFactory.create(agency=agency, bound_from=TODAY + 9 * DAY)
    assert refusal(agency, CreatorFactory.create()).rule == "cap"


def test_an_agency_over_its_cap_keeps_its_creators_and_gets_no_more() -> None:
    agency = filled(levelled(binding_cap=2), 4)
    assert refusal(agency, CreatorFactory.create()).rule == "cap"
    assert agency.bindings.count() == 4


def test_no_cap_and_no_follower_limit_from_v3_on() -> None:
    agency = filled(levelled(level="V3"), 21)
    large = CreatorFactory.create(followers=90_000_000, followers_on=TODAY)
    assert limits_of(agency, today=TODAY) == Limits(None, None)
    check(agency, large, on=TODAY, today=TODAY)


def test_before_its_first_publication_the_rulebook_of_today_counts() -> None:
    agency = filled(AgencyFactory.create(), 20)
    assert limits_of(agency, today=TODAY) == Limits(20, 5_000_000)
    assert refusal(agency, CreatorFactory.create()).rule == "cap"


def test_the_first_broken_rule_is_the_one_that_is_named() -> None:
    agency = filled(levelled(binding_cap=1, followers_below=10, removed_on=TODAY), 1)
    creator = CreatorFactory.create(introduced_on=None, followers=10, followers_on=TODAY)
    binding = BindingFactory.create(creator=creator)
    penalty = suspend(agency)
    lose(agency, 50, TODAY)
    later = TODAY + 30 * DAY  # the ban by credit is over
    own, their = Agency.objects.filter(pk=agency.pk), Creator.objects.filter(pk=creator.pk)
    mended: list[tuple[str, date, Callable[[], object]]] = [
        ("removed", TODAY, lambda: own.update(removed_on=None, joined_on=TODAY + DAY)),
        ("before_joining", TODAY, lambda: own.update(joined_on=date(2024, 1, 1))),
        ("suspended", TODAY, penalty.delete),
        ("credit", TODAY, lambda: None),
        ("not_introduced", later, lambda: their.update(introduced_on=TODAY)),
        ("bound", later, binding.delete),
        ("followers", later, lambda: their.update(followers=9)),
        ("cap", later, lambda: None),
    ]
    for rule, on, mend in mended:
        assert refusal(own.get(), their.get(), on=on).rule == rule
        mend()
