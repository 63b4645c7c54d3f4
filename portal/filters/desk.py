"""What the inbox of questions is narrowed down by, in the address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.enums import Stage
from agencies.filters.cases import TEXT, TICK, CaseFilter, Choice
from portal.enums import QuestionState
from portal.models import Question
from portal.support.inbox import looked_after_by

if TYPE_CHECKING:
    from portal.support.clauses import Choices

MINE, NOBODYS, ALL = "mine", "nobody", "all"
# The largest number that a question can have.
MOST_NUMBER: Final = 2**63 - 1
NOT_OPEN = [(each.value, each.label) for each in QuestionState if each != QuestionState.OPEN]
WITHOUT_LEVEL = [(each.value, each.label) for each in (Stage.OBSERVATION, Stage.NOVICE)]


class QuestionFilter(CaseFilter):
    """Questions by words, state, who looks after them, level, clause and the clock.

    Without a state only those that wait for the platform are found: it is an inbox.
    """

    q = filters.CharFilter(method="search", label=_("Number, subject or agency"), widget=TEXT)
    state = Choice(
        method="in_state",
        choices=[*NOT_OPEN, (ALL, pgettext_lazy("questions", "In any state"))],
        label=_("State"),
        empty_label=QuestionState.OPEN.label,
    )
    whose = Choice(
        method="of_person",
        choices=[(MINE, _("Mine")), (NOBODYS, _("Nobody's yet"))],
        label=_("Looked after by"),
        empty_label=pgettext_lazy("people", "Everybody"),
    )
    level = Choice(method="of_level", label=_("Level or stage"))
    clause = Choice("clause", label=pgettext_lazy("of rules", "Clause"))
    overdue = filters.BooleanFilter(method="late", label=_("Overdue"), widget=TICK)

    class Meta:
        model = Question
        fields: list[str] = []

    def __init__(self, *args: Any, levels: list[str], clauses: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["level"].extra["choices"] = [*((key, key) for key in levels), *WITHOUT_LEVEL]
        self.filters["clause"].extra["choices"] = clauses

    def filter_queryset(self, queryset: QuerySet[Question]) -> QuerySet[Question]:
        """Narrowed down; to those that wait where no state is named, else the newest first."""
        found = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("state"):
            # by the index: clocks order only what waits
            return found.order_by("-pk")
        return found.filter(state=QuestionState.OPEN)

    def search(self, found: QuerySet[Question], name: str, value: str) -> QuerySet[Question]:
        """By the question's number (12 or Q12), the agency's code, or a part of name or subject."""
        wanted = (
            Q(subject__icontains=value) | Q(agency__code=value) | Q(agency__name__icontains=value)
        )
        number = re.fullmatch(r"[Qq]?(\d{1,19})", value.strip())
        if number and int(number[1]) <= MOST_NUMBER:
            wanted |= Q(pk=int(number[1]))
        return found.filter(wanted)

    def in_state(self, found: QuerySet[Question], name: str, value: str) -> QuerySet[Question]:
        """In the state, or in any."""
        return found if value == ALL else found.filter(state=value)

    def of_person(self, found: QuerySet[Question], name: str, value: str) -> QuerySet[Question]:
        """One's own, those of agencies that one is the contact of among them; or nobody's."""
        if value == NOBODYS:
            return found.filter(assignee=None)
        return looked_after_by(found, self.user)

    def of_level(self, found: QuerySet[Question], name: str, value: str) -> QuerySet[Question]:
        """Of agencies that had the level, or the stage without one, when the clock started."""
        return found.filter(Q(level=value) | Q(level="", stage=value))

    def late(self, found: QuerySet[Question], name: str, value: bool) -> QuerySet[Question]:
        """Those whose answer should have been there by now."""
        return found.filter(due_at__lt=timezone.now()) if value else found
