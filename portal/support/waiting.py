"""An agency together with what it still waits to hear, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypedDict

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from agencies.models import Agency
from portal.models import Question

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

MOST: Final = 5


class Asked(TypedDict):
    """What an agency brings along: its open questions as plain values."""

    asked: list[dict[str, Any]]


@dataclass(frozen=True)
class Waiting:
    """An open question: its number, what it is about, and by when it is to be answered."""

    pk: int
    subject: str
    due_at: datetime

    def __str__(self) -> str:
        return f"Q{self.pk} {self.subject}"


def agencies_asking() -> QuerySet[WithAnnotations[Agency, Asked]]:
    """Agencies with the first five of their open questions, in the order in which they are due."""
    waiting = Question.objects.waiting().filter(agency=OuterRef("pk")).order_by("due_at", "pk")
    plain = JSONObject(pk="pk", subject="subject", due_at="due_at")
    return Agency.objects.annotate(asked=ArraySubquery(waiting.values(plain=plain)[:MOST]))


def waiting_of(agency: WithAnnotations[Agency, Asked]) -> list[Waiting]:
    """The open questions that one of `agencies_asking` brings along."""
    return [
        Waiting(each["pk"], each["subject"], datetime.fromisoformat(each["due_at"]))
        for each in agency.asked
    ]
