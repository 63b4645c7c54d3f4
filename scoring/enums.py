"""The closed vocabularies of the level: states of rulebooks and evaluations."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RulebookState(models.TextChoices):
    """The life of a rulebook version."""

    DRAFT = "draft", _("Draft")
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
