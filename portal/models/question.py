"""Questions of agencies, and what was written and done about them."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.enums import Stage
from agencies.models import Agency
from agencies.models.tracking import tracked
from portal.enums import Author, CallerCheck, Channel, QuestionState, QuestionVerb
from portal.models.stored_file import StoredFile


class QuestionQuerySet(models.QuerySet["Question"]):
    def waiting(self) -> QuestionQuerySet:
        """Those that the platform owes an answer."""
        return self.filter(state=QuestionState.OPEN)


class Question(models.Model):
    """A question of an agency, with what it was asked about.

    `about` holds the context of the page it was asked from: `page` (name of the address), `month`,
    `indicator`, `violation` (reference), `creator` (id). `clause` is an anchor of the rules pages,
    empty for none. `level` and `stage` (empty before a first result) are those of the agency when
    the clock started; `waiting_since` and `due_at` hold while the platform owes an answer, and
    `due_at` is counted in the platform's business hours. `first_answer_minutes` are business
    minutes from asking to the first answer. Of a call, the caller is named and how they were
    identified. `request_key` makes a form that is sent twice one question.
    """

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="questions", verbose_name=_("agency")
    )
    subject = models.CharField(_("subject"), max_length=120)
    clause = models.CharField(_("clause"), max_length=100, blank=True, db_default="")
    about = models.JSONField(default=dict)
    state = models.CharField(
        _("state"), max_length=8, choices=QuestionState, db_default=QuestionState.OPEN
    )
    channel = models.CharField(
        pgettext_lazy("of a question", "channel"),
        max_length=6,
        choices=Channel,
        db_default=Channel.PORTAL,
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    asked_at = models.DateTimeField(_("asked at"))
    caller = models.CharField(_("caller"), max_length=100, blank=True, db_default="")
    caller_check = models.CharField(
        _("identified by"), max_length=11, choices=CallerCheck, blank=True, db_default=""
    )
    level = models.CharField(_("level"), max_length=20, blank=True, db_default="")
    stage = models.CharField(_("stage"), max_length=11, choices=Stage, blank=True, db_default="")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="questions",
        verbose_name=_("assigned to"),
    )
    waiting_since = models.DateTimeField(_("waiting since"), null=True)
    due_at = models.DateTimeField(_("answer due"), null=True)
    first_answered_at = models.DateTimeField(_("first answered at"), null=True)
    first_answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    first_answer_minutes = models.PositiveIntegerField(_("business minutes to answer"), null=True)
    first_answer_late = models.BooleanField(_("first answer was late"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    close_reason = models.CharField(_("reason"), max_length=500, blank=True, db_default="")
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged", verbose_name=_("merged into")
    )
    rating = models.PositiveSmallIntegerField(_("satisfaction"), null=True)
    rating_text = models.CharField(_("what we should know"), max_length=500, blank=True)
    rated_at = models.DateTimeField(_("rated at"), null=True)
    request_key = models.UUIDField(null=True, unique=True, editable=False)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["-id"]
        permissions = [
            ("answer_question", _("Can answer agencies' questions")),
            ("see_as_agency", _("Can see what an agency sees")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=QuestionState.values,
                    channel__in=Channel.values,
                    stage__in=["", *Stage.values],
                ),
                name="question_vocabulary_known",
            ),
            models.CheckConstraint(condition=~Q(subject=""), name="question_has_subject"),
            models.CheckConstraint(
                condition=Q(state="open", waiting_since__isnull=False, due_at__isnull=False)
                | (~Q(state="open") & Q(waiting_since=None, due_at=None)),
                name="question_clock_runs_while_open",
            ),
            models.CheckConstraint(
                condition=(Q(channel="phone", caller_check__in=CallerCheck.values) & ~Q(caller=""))
                | Q(channel="portal", caller="", caller_check=""),
                name="question_caller_identified",
            ),
            models.CheckConstraint(
                condition=Q(
                    first_answered_at=None,
                    first_answered_by=None,
                    first_answer_minutes=None,
                    first_answer_late=None,
                )
                | Q(
                    first_answered_at__isnull=False,
                    first_answered_by__isnull=False,
                    first_answer_minutes__isnull=False,
                    first_answer_late__isnull=False,
                ),
                name="question_first_answer_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["closed", "merged"], closed_at__isnull=False)
                | (~Q(state__in=["closed", "merged"]) & Q(closed_at=None, close_reason="")),
                name="question_closed_when",
            ),
            models.CheckConstraint(
                condition=(Q(state="merged", merged_into__isnull=False) & ~Q(merged_into=F("id")))
                | (~Q(state="merged") & Q(merged_into=None)),
                name="question_merged_into_another",
            ),
            models.CheckConstraint(
                condition=Q(rating=None, rated_at=None, rating_text="")
                | Q(rating__gte=1, rating__lte=5, rated_at__isnull=False),
                name="question_rated_one_to_five",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "-id"], name="question_by_agency"),
            models.Index(
                fields=["due_at", "id"], condition=Q(state="open"), name="question_by_due"
            ),
            models.Index(fields=["asked_at"], name="question_by_time"),
        ]

    def __str__(self) -> str:
        return f"Q{self.pk} {self.subject}"


class QuestionMessage(models.Model):
    """What somebody wrote in a question; append-only. Internal ones agencies never see."""

    question = models.ForeignKey(
        Question, models.CASCADE, related_name="messages", verbose_name=_("question")
    )
    side = models.CharField(_("side"), max_length=8, choices=Author)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    is_internal = models.BooleanField(_("internal"), db_default=False)
    text = models.TextField(_("text"), max_length=5000)
    at = models.DateTimeField(_("at"))
    request_key = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("message of a question")
        verbose_name_plural = _("messages of questions")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(side__in=Author.values) & ~Q(text=""), name="question_message_says_what"
            ),
            models.CheckConstraint(
                condition=Q(is_internal=False) | Q(side="platform"),
                name="question_message_internal_of_platform",
            ),
        ]
        indexes = [models.Index(fields=["question", "id"], name="question_message_in_order")]
        triggers = [pgtrigger.Protect(name="question_message_kept", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.question_id} {self.side}"


class QuestionFile(StoredFile):
    """A file that came with a message."""

    message = models.ForeignKey(
        QuestionMessage, models.CASCADE, related_name="files", verbose_name=_("message")
    )

    class Meta(StoredFile.Meta):
        abstract = False
        verbose_name = _("file of a question")
        verbose_name_plural = _("files of questions")
        constraints = [
            models.UniqueConstraint(fields=["message", "sha256"], name="question_file_once"),
        ]


class QuestionStep(models.Model):
    """A step that somebody took with a question; append-only. `about` holds plain values of it.

    ASSIGNED: `to` and `was` (ids of people); MERGED: `into`; RECLASSED: `clause`, `was`.
    """

    question = models.ForeignKey(
        Question, models.CASCADE, related_name="steps", verbose_name=_("question")
    )
    verb = models.CharField(_("step"), max_length=11, choices=QuestionVerb)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    note = models.CharField(_("note"), max_length=500, blank=True, db_default="")
    about = models.JSONField(default=dict)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("step of a question")
        verbose_name_plural = _("steps of questions")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verb__in=QuestionVerb.values), name="question_step_known"
            )
        ]
        triggers = [pgtrigger.Protect(name="question_step_kept", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.question_id} {self.verb}"


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class HelpArticle(models.Model):
    """An answered question that every agency may read, without a name; in both languages.

    `question` is the one it was written from, if any. Only published ones are found.
    """

    clause = models.CharField(_("clause"), max_length=100, blank=True, db_default="")
    title_zh = models.CharField(_("question in Chinese"), max_length=200)
    title_en = models.CharField(_("question in English"), max_length=200)
    text_zh = models.TextField(_("answer in Chinese"), max_length=5000)
    text_en = models.TextField(_("answer in English"), max_length=5000)
    is_published = models.BooleanField(_("published"), default=False)
    question = models.ForeignKey(
        Question, models.PROTECT, null=True, related_name="articles", verbose_name=_("question")
    )
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("public answer")
        verbose_name_plural = _("public answers")
        ordering = ["title_zh", "id"]
        permissions = [("manage_help", _("Can write public and prepared answers"))]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title_zh="") & ~Q(title_en="") & ~Q(text_zh="") & ~Q(text_en=""),
                name="help_article_in_both_languages",
            )
        ]

    def __str__(self) -> str:
        return self.title_zh


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class CannedAnswer(models.Model):
    """A prepared answer; {placeholders} stand for the figures of the agency that asks."""

    name = models.CharField(pgettext_lazy("of a text", "name"), max_length=120, unique=True)
    clause = models.CharField(_("clause"), max_length=100, blank=True, db_default="")
    text_zh = models.TextField(_("text in Chinese"), max_length=5000)
    text_en = models.TextField(_("text in English"), max_length=5000)
    is_active = models.BooleanField(_("in use"), default=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("prepared answer")
        verbose_name_plural = _("prepared answers")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text_zh="") & ~Q(text_en=""), name="canned_answer_in_both_languages"
            )
        ]

    def __str__(self) -> str:
        return self.name
