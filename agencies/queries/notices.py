"""What a public notice shows, as the public sees it."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone, translation

from agencies.enums import (
    EntryKind,
    Measure,
    NoticeState,
    PenaltyState,
    ViolationKind,
    ViolationState,
)
from agencies.models import CreditEntry, NoticeEntry, Penalty, PublicNotice, Violation
from agencies.models.violation import ViolationQuerySet
from agencies.policy import conduct_policies

CITED = [ViolationState.ISSUED, ViolationState.APPEALED, ViolationState.UPHELD]
# More than that nobody reads through; the rest is reached by case number.
MOST_LISTED = 200
IN_FORCE = [PenaltyState.ACTIVE, PenaltyState.EXPIRED]


@dataclass(frozen=True)
class PublicMeasure:
    """A measure in a notice; `last_day` is inclusive, None for no end."""

    kind: Measure
    starts_on: date
    last_day: date | None


@dataclass(frozen=True)
class PublicEntry:
    """One violation of a notice as everybody reads it: nothing else of the agency is public."""

    pk: int
    violation_id: int
    agency_name: str
    agency_code: str
    kind: ViolationKind
    decided_on: date
    wording: str
    measures: tuple[PublicMeasure, ...]
    applied: int
    corrected_on: date | None


@dataclass(frozen=True)
class Listed:
    """The first 200 violations of a list; `more` says whether there are others."""

    cases: list[Violation]
    more: bool


def citable(first_day: date, last_day: date) -> ViolationQuerySet:
    """The violations decided in a period (days inclusive) that stand: no draft, not revoked."""
    return Violation.objects.filter(state__in=CITED, decided_on__range=(first_day, last_day))


def addable(notice: PublicNotice) -> Listed:
    """What a draft could name besides: violations of its period that it does not name."""
    found = citable(notice.first_day, notice.last_day)
    return _listed(found.exclude(notice_entries__notice=notice))


def revoked_since(notice: PublicNotice) -> Listed:
    """Violations of a draft's period that were revoked since the draft was made."""
    return _listed(
        Violation.objects.filter(
            state=ViolationState.REVOKED,
            decided_on__range=(notice.first_day, notice.last_day),
            reviewed_on__gte=timezone.localdate(notice.created_at),
        )
    )


def _listed(found: ViolationQuerySet) -> Listed:
    ordered = found.select_related("agency").order_by("decided_on", "pk")
    cases = list(ordered[: MOST_LISTED + 1])
    return Listed(cases[:MOST_LISTED], more=len(cases) > MOST_LISTED)


def refresh(entries: Iterable[NoticeEntry]) -> None:
    """Set name, measures and points of entries to what is true now; nothing is saved.

    1. Measures that were in force, planned and proposed ones left out, each kind and period once.
    2. Points: what the ledger took, not what the decision asked for.

    Two queries; the entries come with `violation__agency`.
    """
    entries = list(entries)
    ids = [entry.violation_id for entry in entries]
    measures: dict[int, list[dict[str, Any]]] = defaultdict(list)
    imposed = Penalty.objects.filter(violation__in=ids, state__in=IN_FORCE).order_by("pk")
    for violation_id, kind, start, until in imposed.values_list(
        "violation_id", "kind", "starts_on", "until"
    ):
        measure = {
            "kind": kind,
            "starts_on": start.isoformat(),  # type: ignore[union-attr] # by a constraint
            "until": until.isoformat() if until else None,
        }
        if measure not in measures[violation_id]:
            measures[violation_id].append(measure)
    deductions = CreditEntry.objects.filter(violation__in=ids, kind=EntryKind.DEDUCTION)
    applied = dict(deductions.order_by().values_list("violation_id", "points"))
    for entry in entries:
        entry.agency_name = entry.violation.agency.name
        entry.measures = measures[entry.violation_id]
        entry.applied = -applied.get(entry.violation_id, 0)


def propose_wordings(entries: Sequence[NoticeEntry]) -> None:
    """Set the proposed wording of refreshed entries, which name the kind.

    What was done stands as a list beneath it. The notice is the platform's, so its words are
    Chinese in both languages of the portal.
    """
    policies = conduct_policies(_decided_on(entry) for entry in entries)
    for entry in entries:
        violation = entry.violation
        policy = policies[_decided_on(entry)]
        if violation.kind in policy.kinds:
            title = policy.template(violation.kind).title_zh
        else:
            with translation.override("zh-hans"):
                title = violation.get_kind_display()
        decided = "已作出处理" if entry.measures or entry.applied else "对此予以记录"
        entry.wording = f"经核查，该机构存在“{title}”的违规行为，平台{decided}。"


def shown_entries(notice: PublicNotice) -> list[PublicEntry]:
    """The entries of a notice as the public sees them, or will when it is published now.

    1. Published: as frozen.
    2. Draft: name, measures and points as of now; what was revoked since is left out.
    """
    entries = list(entries_of(notice))
    if notice.state == NoticeState.DRAFT:
        entries = [entry for entry in entries if entry.violation.state in CITED]
        refresh(entries)
    return [_public(entry) for entry in entries]


def entries_of(notice: PublicNotice) -> QuerySet[NoticeEntry, NoticeEntry]:
    """The stored entries by day of decision, with violation and agency."""
    return notice.entries.select_related("violation__agency").order_by(
        "violation__decided_on", "violation_id"
    )


def digest_of(notice: PublicNotice, entries: Sequence[PublicEntry]) -> str:
    """A fingerprint of everything that the public would read."""
    told = [
        [notice.title, notice.introduction, notice.first_day, notice.last_day],
        *(
            [
                *(each.violation_id, each.agency_name, each.agency_code, each.kind.value),
                *(each.decided_on, each.wording, each.applied, each.corrected_on),
                [[done.kind.value, done.starts_on, done.last_day] for done in each.measures],
            ]
            for each in entries
        ),
    ]
    text = json.dumps(told, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def public_notices() -> QuerySet[PublicNotice, PublicNotice]:
    """The published notices, newest first, each with `cases`: how many entries it has."""
    return (
        PublicNotice.objects.filter(state=NoticeState.PUBLISHED)
        .annotate(cases=Count("entries"))
        .order_by("-published_at", "-pk")
    )


def published_about(text: str) -> QuerySet[NoticeEntry, NoticeEntry]:
    """Published entries on agencies with `text` in the name or as their code, newest first."""
    return (
        NoticeEntry.objects.filter(
            Q(agency_name__icontains=text) | Q(violation__agency__code=text),
            notice__state=NoticeState.PUBLISHED,
        )
        .select_related("notice", "violation__agency")
        .order_by("-notice__published_at", "-notice_id", "pk")
    )


def _public(entry: NoticeEntry) -> PublicEntry:
    return PublicEntry(
        pk=entry.pk,
        violation_id=entry.violation_id,
        agency_name=entry.agency_name,
        agency_code=entry.violation.agency.code,
        kind=ViolationKind(entry.violation.kind),
        decided_on=_decided_on(entry),
        wording=entry.wording,
        measures=tuple(_measures(entry)),
        applied=entry.applied,
        corrected_on=entry.corrected_on,
    )


def _measures(entry: NoticeEntry) -> Iterable[PublicMeasure]:
    for stored in entry.measures:
        until = stored["until"]
        yield PublicMeasure(
            kind=Measure(stored["kind"]),
            starts_on=date.fromisoformat(stored["starts_on"]),
            last_day=date.fromisoformat(until) - timedelta(days=1) if until else None,
        )


def _decided_on(entry: NoticeEntry) -> date:
    decided_on = entry.violation.decided_on
    if decided_on is None:
        raise ValueError(f"{entry.violation} is a draft: no notice may name it.")
    return decided_on
