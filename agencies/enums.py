"""The closed vocabularies of conduct: roles, stages, ledger entries, violations, imports."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member may do for an agency."""

    OWNER = "owner", _("Owner")
    VIEWER = "viewer", _("Viewer")


class Stage(models.TextChoices):
    """The assessment stages (S, docs/rules.md §3)."""

    NOVICE = "novice", _("Novice stage")
    OBSERVATION = "observation", _("Observation stage")
    ASSESSED = "assessed", _("Assessed stage")


class ViolationKind(models.TextChoices):
    """Kinds of violation (S for the first two, D for the rest, docs/rules.md §8)."""

    DISPUTE = "dispute", _("Dispute with creators or merchants")
    IMPERSONATION = "impersonation", _("Impersonation of the platform")
    FALSE_INFORMATION = "false_information", _("False information")
    FAKE_TRAFFIC = "fake_traffic", _("Fake traffic")
    PROHIBITED_CONTENT = "prohibited_content", _("Prohibited content")
    BREACH_OF_AGREEMENT = "breach_of_agreement", _("Breach of agreement")
    OTHER = "other", _("Other violation")


class ViolationState(models.TextChoices):
    """The life of a violation; imported ones were decided elsewhere and start as issued."""

    ISSUED = "issued", _("Issued")


class EntryKind(models.TextChoices):
    """What a line of the credit ledger records (docs/rules.md §7)."""

    OPENING = "opening", _("Opening balance")
    DEDUCTION = "deduction", _("Deduction")
    REVERSAL = "reversal", _("Reversal")
    RESTORE = "restore", _("Way back")
    AWARD = "award", _("Award")
    ADJUSTMENT = "adjustment", _("Adjustment")


class FileKind(models.TextChoices):
    """The five files that a platform delivers (the contract's section "Files")."""

    AGENCIES = "agencies", _("Agencies")
    CREATORS = "creators", _("Creators")
    BINDINGS = "bindings", _("Bindings")
    FACTS = "facts", _("Promotion facts")
    VIOLATIONS = "violations", _("Violations")


class ImportOutcome(models.TextChoices):
    """How the import of one file ended."""

    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Refused")
