"""What the database refuses of rulebook versions, consultations and comments, whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from scoring.enums import RulebookState
from scoring.models import (
    Consultation,
    ConsultationComment,
    RulebookVersion,
    RulebookWithdrawal,
)
from scoring.models.rulebook_version import COUNTING
from scoring.months import add_months
from tests.factories import AgencyFactory, UserFactory
from tests.factories.cases import AT
from tests.factories.consultations import (
    CLOSES,
    OPENS,
    CommentFactory,
    ConsultationFactory,
    answered,
    draft,
)

pytestmark = pytest.mark.django_db


def version(**fields: Any) -> RulebookVersion:
    ordinary = {"version": "other", "effective_from": date(2026, 3, 1), "text": "", "sha256": "0"}
    return RulebookVersion.objects.create(**{**ordinary, "created_at": AT, **fields})


def decided(**fields: Any) -> RulebookVersion:
    """Proposed by one, approved by another."""
    one, other = UserFactory.create_batch(2)
    ordinary = {
        "state": RulebookState.SCHEDULED,
        "activated_at": AT,
        "proposed_by": one,
        "proposed_at": AT,
        "approved_by": other,
        "approved_at": AT,
    }
    return version(**{**ordinary, **fields})


def approved_by_the_proposer() -> None:
    person = UserFactory.create()
    decided(proposed_by=person, approved_by=person)


def withdrawal(**fields: Any) -> RulebookWithdrawal:
    ordinary = {"reason_zh": "因", "reason_en": "Why", "at": AT, "by": UserFactory.create()}
    about = fields.pop("version", None) or version()
    return RulebookWithdrawal.objects.create(version=about, **{**ordinary, **fields})


def summed_up(**fields: Any) -> Consultation:
    ordinary = {
        "summary_zh": "总结",
        "summary_en": "Summary",
        "closed_at": CLOSES,
        "closed_by": UserFactory.create(),
    }
    return ConsultationFactory.create(**{**ordinary, **fields})


def compared_with_itself() -> None:
    found = draft()
    ConsultationFactory.create(version=found, compared_with=found)


def asked_about_twice() -> None:
    found = ConsultationFactory.create()
    ConsultationFactory.create(version=found.version)


def the_same_comment_twice() -> None:
    one = CommentFactory.create(text="Too high")
    CommentFactory.create(consultation=one.consultation, agency=one.agency, text="Too high")


def changed(state: str, **fields: Any) -> None:
    found = version(state=state, activated_at=AT)
    RulebookVersion.objects.filter(pk=found.pk).update(**fields)


REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("rulebook_approved_by_another", approved_by_the_proposer),
    ("rulebook_approved_by_another", lambda: decided(proposed_by=None, proposed_at=None)),
    ("rulebook_approved_by_another", lambda: decided(approved_at=None)),
    ("rulebook_approved_by_another", lambda: decided(approved_by=None)),
    ("rulebook_proposed_with_time", lambda: version(proposed_at=AT)),
    ("rulebook_proposed_with_time", lambda: version(proposed_by=UserFactory.create())),
    ("rulebook_counting_was_activated", lambda: version(state=RulebookState.SCHEDULED)),
    ("rulebook_counting_was_activated", lambda: version(state=RulebookState.IN_FORCE)),
    ("rulebook_one_in_force_per_start", lambda: (decided(), decided(version="too"))),
    ("rulebook_withdrawal_gives_reasons", lambda: withdrawal(reason_zh="")),
    ("rulebook_withdrawal_gives_reasons", lambda: withdrawal(reason_en="")),
    (
        "consultation_at_least_seven_days",
        lambda: ConsultationFactory.create(closes_at=OPENS + timedelta(days=7, microseconds=-1)),
    ),
    ("consultation_gives_reasons", lambda: ConsultationFactory.create(reasons_zh="")),
    ("consultation_gives_reasons", lambda: ConsultationFactory.create(reasons_en="")),
    ("consultation_closed_with_summary", lambda: summed_up(summary_zh="")),
    ("consultation_closed_with_summary", lambda: summed_up(summary_en="")),
    ("consultation_closed_with_summary", lambda: summed_up(closed_by=None)),
    ("consultation_closed_with_summary", lambda: summed_up(closed_at=None)),
    (
        "consultation_closed_with_summary",
        lambda: summed_up(closed_at=CLOSES - timedelta(microseconds=1)),
    ),
    ("consultation_compares_two", compared_with_itself),
    ("scoring_consultation_version", asked_about_twice),
    ("comment_says_something", lambda: CommentFactory.create(text="")),
    (
        "comment_answered_in_both_languages",
        lambda: answered(CommentFactory.create(), answer_zh=""),
    ),
    (
        "comment_answered_in_both_languages",
        lambda: answered(CommentFactory.create(), answer_en=""),
    ),
    (
        "comment_answered_in_both_languages",
        lambda: answered(CommentFactory.create(), answered_by=None),
    ),
    (
        "comment_answered_in_both_languages",
        lambda: answered(CommentFactory.create(), answered_at=None),
    ),
    ("comment_once", the_same_comment_twice),
]
KEPT = "Cannot update rows from scoring_rulebookversion"


@pytest.mark.parametrize(
    ("constraint", "make"), REFUSED, ids=[f"{n}-{name}" for n, (name, _) in enumerate(REFUSED)]
)
def test_the_database_refuses(constraint: str, make: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        make()


@pytest.mark.parametrize("state", [each for each in RulebookState if each != "draft"])
@pytest.mark.parametrize(
    "fields",
    [
        {"text": "x"},
        {"version": "x"},
        {"sha256": "1"},
        {"effective_from": date(2026, 4, 1)},
    ],
)
def test_after_the_draft_its_text_name_and_first_month_are_kept(
    state: str, fields: dict[str, Any]
) -> None:
    """The trigger "rulebook_text_kept"."""
    with pytest.raises(DatabaseError, match=KEPT), transaction.atomic():
        changed(state, **fields)


def test_a_draft_may_change_and_go() -> None:
    changed(RulebookState.DRAFT, text="x", effective_from=date(2026, 4, 1))
    assert RulebookVersion.objects.filter(version="other", text="x").delete()[0] == 1


@pytest.mark.parametrize("state", [each for each in RulebookState if each != "draft"])
def test_what_was_shown_is_never_deleted(state: str) -> None:
    """The trigger "rulebook_kept"."""
    found = version(state=state, activated_at=AT)
    with (
        pytest.raises(DatabaseError, match="Cannot delete rows from scoring_rulebookversion"),
        transaction.atomic(),
    ):
        found.delete()


@pytest.mark.parametrize("step", ["update", "delete"])
def test_a_withdrawal_stands(step: str) -> None:
    """The trigger "rulebook_withdrawal_kept"."""
    withdrawal()
    found = RulebookWithdrawal.objects.all()
    steps = {"update": lambda: found.update(reason_en="x"), "delete": found.delete}
    with pytest.raises(DatabaseError, match="rulebookwithdrawal"), transaction.atomic():
        steps[step]()


def test_other_words_another_clause_or_agency_are_other_comments() -> None:
    one = CommentFactory.create(text="Too high")
    CommentFactory.create(consultation=one.consultation, agency=one.agency, text="Too low")
    CommentFactory.create(
        consultation=one.consultation, agency=one.agency, text="Too high", clause=""
    )
    CommentFactory.create(
        consultation=one.consultation, agency=AgencyFactory.create(), text="Too high"
    )
    assert ConsultationComment.objects.count() == 4


@given(
    st.lists(
        st.tuples(st.integers(-6, 6), st.sampled_from(RulebookState.values)),
        max_size=8,
        unique_by=lambda each: each[0],
    ),
    st.integers(-8, 8),
)
def test_a_months_rules_are_those_of_the_latest_first_month_that_has_begun(
    starts: list[tuple[int, str]], asked: int
) -> None:
    """Whatever else is drafted, asked about or retired; scheduled counts as in force."""
    first = date(2026, 6, 1)
    with transaction.atomic():
        for shift, state in starts:
            version(
                version=str(shift),
                effective_from=add_months(first, shift),
                state=state,
                activated_at=AT,
            )
        begun = [shift for shift, state in starts if state in COUNTING and shift <= asked]
        expected = str(max(begun)) if begun else "2026.1"
        found = RulebookVersion.objects.for_month(add_months(first, asked))
        transaction.set_rollback(True)
    assert found.version == expected
