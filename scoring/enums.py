"""The closed vocabularies of the level: states of rulebooks, evaluations, uploads, disputes."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RulebookState(models.TextChoices):
    """The life of a rulebook version."""

    DRAFT = "draft", pgettext_lazy("life of rules", "Draft")
    CONSULTATION = "consultation", _("In consultation")
    SCHEDULED = "scheduled", _("Scheduled")
    IN_FORCE = "in_force", _("In force")
    RETIRED = "retired", _("Retired")


class EvaluationState(models.TextChoices):
    """The life of a month's evaluation; `scoring.evaluation.states` declares the transitions."""

    REQUESTED = "requested", _("Requested")
    RUNNING = "running", _("Running")
    COMPUTED = "computed", _("Computed")
    PUBLISHED = "published", _("Published")
    SUPERSEDED = "superseded", _("Superseded")
    FAILED = "failed", _("Failed")


class Cause(models.TextChoices):
    """Why a month is computed, or why what was computed is out of date."""

    ROUTINE = "routine", _("The month's regular evaluation")
    FACTS = "facts", _("Promotion data arrived late or was corrected")
    BINDINGS = "bindings", _("Bindings of creators were corrected")
    CREDIT = "credit", _("Decisions on violations or credit changed")
    APPEAL = "appeal", _("An appeal was decided")
    RULES = "rules", _("Another version of the rules counts for the month")
    CHECK = "check", _("The platform computed the month again")


class ReleaseState(models.TextChoices):
    """The life of a proposal to publish what the gate holds."""

    PROPOSED = "proposed", _("Proposed")
    CONFIRMED = "confirmed", _("Confirmed")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class BackTestState(models.TextChoices):
    """The life of a back-test."""

    ASKED = "asked", _("Asked for")
    RUNNING = "running", _("Running")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


class DisputeKind(models.TextChoices):
    """What an agency says is wrong with a provisional result."""

    ATTRIBUTION = "attribution", _("Attribution: whose creator it was on these days")
    DATA = "data", _("Data: what the creator brought on these days")


class DisputeState(models.TextChoices):
    """The life of a dispute; `ACCEPTED` waits for the correction of the data."""

    OPEN = "open", _("Waiting for an answer")
    ACCEPTED = "accepted", _("Accepted, correction under way")
    CORRECTED = "corrected", _("Corrected")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class UploadState(models.TextChoices):
    """The life of an uploaded file, until its import has an entry in the register."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Being imported")
    DONE = "done", _("Imported")
    REPEATED = "repeated", _("Imported before")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")


class Step(models.TextChoices):
    """Where a running evaluation is; the order is the order of the run."""

    FREEZE = "freeze", _("Freezing the inputs")
    MEASURE = "measure", _("Reading the facts")
    SCORE = "score", _("Computing the points")
    WRITE = "write", _("Writing the results")
    DONE = "done", _("Done")


class ExportState(models.TextChoices):
    """The life of a file of rows that an agency asked for."""

    ASKED = "asked", _("Asked for")
    RUNNING = "running", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")


class LeverKey(models.TextChoices):
    """The levers that the platform's guidance speaks about (S, docs/rules.md §11)."""

    SHOWCASE = "showcase", _("Showcase")
    IMAGE_TEXT = "image_text", _("Image-and-text posts")
    GOOD_GOODS = "good_goods", _("Good-goods")
    REPUTATION = "reputation", _("Creators' reputation")
    WORRY_FREE = "worry_free", _("Worry-free service")
