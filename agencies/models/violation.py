"""Violations: what an agency did, what was decided, and what follows from it."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.enums import Measure, PenaltyState, ViolationKind, ViolationState
from agencies.models.agency import Agency
from agencies.models.tracking import tracked

DECIDED = [
    ViolationState.ISSUED,
    ViolationState.APPEALED,
    ViolationState.UPHELD,
    ViolationState.REVOKED,
]
UNDER_REVIEW = [ViolationState.APPEALED, ViolationState.UPHELD]


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Incident(models.Model):
    """One event that several violations belong to: appealed together, counted once."""

    title = models.CharField(_("title"), max_length=200)
    created_at = models.DateTimeField(_("recorded at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Appeal(models.Model):
    """An agency's objection to one violation, or to several of one incident.

    The verdict is on each violation; `due_on` is the day by which the platform answers (D).
    """

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="appeals", verbose_name=_("agency")
    )
    text = models.TextField(_("text"), max_length=5000)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("filed by")
    )
    filed_at = models.DateTimeField(_("filed at"))
    due_on = models.DateField(_("answer due on"))
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["due_on", "id"]

    def __str__(self) -> str:
        return f"{self.agency} · {self.filed_at:%Y-%m-%d}"


class ViolationQuerySet(models.QuerySet["Violation"]):
    def decided(self) -> ViolationQuerySet:
        """All but the drafts: the only ones that anybody outside the staff may see."""
        return self.exclude(state=ViolationState.DRAFT)


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Violation(models.Model):
    """A violation of an agency, from its draft to its review (docs/rules.md §8).

    `points` is what the decision asks for; what the ledger could take is on its entry. Imported
    ones have no drafter and no issuer. `request_key` makes a form that is sent twice one draft.
    """

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="violations", verbose_name=_("agency")
    )
    kind = models.CharField(_("kind"), max_length=32, choices=ViolationKind)
    state = models.CharField(
        _("state"), max_length=12, choices=ViolationState, db_default=ViolationState.ISSUED
    )
    occurred_on = models.DateField(_("occurred on"))
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    appeal_until = models.DateField(_("appeal until"), null=True, blank=True)
    points = models.PositiveIntegerField(_("points asked"))
    summary = models.CharField(_("summary"), max_length=2000)
    reference = models.CharField(_("case number"), max_length=64, unique=True, db_collation="C")
    incident = models.ForeignKey(
        Incident,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="violations",
        verbose_name=_("incident"),
    )
    appeal = models.ForeignKey(
        Appeal,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="violations",
        verbose_name=_("appeal"),
    )
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("drafted by"),
    )
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("issued by"),
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("reviewed by"),
    )
    reviewed_on = models.DateField(_("reviewed on"), null=True)
    review_reason = models.CharField(
        _("reason of the review"), max_length=2000, blank=True, db_default=""
    )
    request_key = models.UUIDField(null=True, unique=True, editable=False)
    created_at = models.DateTimeField(_("recorded at"), auto_now_add=True)

    objects = ViolationQuerySet.as_manager()

    class Meta:
        verbose_name = _("violation")
        verbose_name_plural = _("violations")
        ordering = ["-decided_on", "reference"]
        permissions = [
            ("decide_violation", _("Can draft and issue violations, confirm removals")),
            ("review_appeal", _("Can decide appeals and revoke violations")),
            ("grant_honour", _("Can award credit and grant titles")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ViolationKind.values), name="violation_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ViolationState.values), name="violation_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_on__gte=F("occurred_on")),
                name="violation_decided_after_it_occurred",
            ),
            models.CheckConstraint(
                condition=Q(state=ViolationState.DRAFT, decided_on=None, appeal_until=None)
                | (
                    ~Q(state=ViolationState.DRAFT)
                    & Q(
                        decided_on__isnull=False,
                        appeal_until__isnull=False,
                        appeal_until__gte=F("decided_on"),
                    )
                ),
                name="violation_decided_unless_draft",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=UNDER_REVIEW) | Q(appeal__isnull=False),
                name="violation_under_review_has_appeal",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | Q(issued_by=None) | ~Q(reviewed_by=F("issued_by")),
                name="violation_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=[ViolationState.UPHELD, ViolationState.REVOKED])
                    & Q(reviewed_by__isnull=False, reviewed_on__isnull=False)
                    & ~Q(review_reason="")
                )
                | (
                    ~Q(state__in=[ViolationState.UPHELD, ViolationState.REVOKED])
                    & Q(reviewed_by=None, reviewed_on=None, review_reason="")
                ),
                name="violation_reviewed_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "-decided_on"], name="violation_by_agency"),
            models.Index(fields=["state", "-decided_on"], name="violation_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.kind}"


class PenaltyQuerySet(models.QuerySet["Penalty"]):
    def in_effect_on(self, day: object) -> PenaltyQuerySet:
        """Those that hold on a day: imposed, begun, not over; lifted ones never held."""
        return self.filter(
            Q(until=None) | Q(until__gt=day),
            state__in=[PenaltyState.ACTIVE, PenaltyState.EXPIRED],
            starts_on__lte=day,
        )

    def suspending(self) -> PenaltyQuerySet:
        """Those that forbid new bindings of the agency they name."""
        return self.filter(kind__in=[Measure.SUSPEND_BINDING, Measure.LINKED_AGENCIES])

    def cancelling_honours(self) -> PenaltyQuerySet:
        """Those that hide the titles of the agency they name and leave it out of boards."""
        return self.filter(kind=Measure.CANCEL_HONOURS)


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Penalty(models.Model):
    """A measure that follows from a violation (S, docs/rules.md §8); holds on [starts_on, until).

    `agency` is whom it hits: the violation's own, or a linked one. `account` is the person barred
    by a measure on linked accounts. `at_zero` marks a removal proposed because credit reached 0.
    """

    violation = models.ForeignKey(
        Violation, models.PROTECT, related_name="penalties", verbose_name=_("violation")
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="penalties", verbose_name=_("agency")
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="penalties",
        verbose_name=_("account"),
    )
    kind = models.CharField(_("measure"), max_length=20, choices=Measure)
    state = models.CharField(
        _("state"), max_length=12, choices=PenaltyState, db_default=PenaltyState.PLANNED
    )
    starts_on = models.DateField(_("from"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)
    at_zero = models.BooleanField(_("credit reached zero"), db_default=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )

    objects = PenaltyQuerySet.as_manager()

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=Measure.values), name="penalty_measure_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=PenaltyState.values), name="penalty_state_known"
            ),
            models.UniqueConstraint(
                fields=["violation", "kind", "agency", "account"],
                nulls_distinct=False,
                name="penalty_once_per_violation",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[PenaltyState.ACTIVE, PenaltyState.EXPIRED])
                | Q(starts_on__isnull=False),
                name="penalty_in_force_has_begun",
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("starts_on")) | Q(until=None) | Q(starts_on=None),
                name="penalty_not_empty",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Measure.REMOVAL) | Q(until=None), name="penalty_removal_is_open"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[PenaltyState.ACTIVE, PenaltyState.EXPIRED])
                | ~Q(kind=Measure.REMOVAL)
                | (
                    Q(confirmed_by__isnull=False)
                    & (Q(proposed_by=None) | ~Q(confirmed_by=F("proposed_by")))
                ),
                name="penalty_removal_by_two",
            ),
            models.CheckConstraint(
                condition=Q(kind=Measure.LINKED_ACCOUNTS, account__isnull=False)
                | (~Q(kind=Measure.LINKED_ACCOUNTS) & Q(account=None)),
                name="penalty_account_only_for_accounts",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "state"], name="penalty_by_agency"),
            models.Index(
                fields=["until"],
                condition=Q(state=PenaltyState.ACTIVE, until__isnull=False),
                name="penalty_to_expire",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.agency}"


@tracked(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["content"],
    model_name="CaseFileEvent",
)
class CaseFile(models.Model):
    """A file of evidence: of a violation by the staff, or of an appeal by the agency.

    Kept in the database: it is written with its case or not at all, and backed up with it.
    """

    violation = models.ForeignKey(
        Violation, models.PROTECT, null=True, related_name="files", verbose_name=_("violation")
    )
    appeal = models.ForeignKey(
        Appeal, models.PROTECT, null=True, related_name="files", verbose_name=_("appeal")
    )
    name = models.CharField(_("file"), max_length=200)
    content_type = models.CharField(max_length=50)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("case file")
        verbose_name_plural = _("case files")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(violation=None, appeal__isnull=False)
                | Q(violation__isnull=False, appeal=None),
                name="case_file_of_one_case",
            ),
            models.UniqueConstraint(
                fields=["violation", "appeal", "sha256"],
                nulls_distinct=False,
                name="case_file_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name
