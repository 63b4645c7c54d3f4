import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0007_star_source"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("portal", "0008_rules_in_the_open"),
    ]

    operations = [
        migrations.CreateModel(
            name="CannedAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, unique=True, verbose_name="name")),
                (
                    "clause",
                    models.CharField(
                        blank=True, db_default="", max_length=100, verbose_name="clause"
                    ),
                ),
                ("text_zh", models.TextField(max_length=5000, verbose_name="text in Chinese")),
                ("text_en", models.TextField(max_length=5000, verbose_name="text in English")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                ("changed_at", models.DateTimeField(verbose_name="changed at")),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
            ],
            options={
                "verbose_name": "prepared answer",
                "verbose_name_plural": "prepared answers",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("text_zh", ""), _negated=True),
                            models.Q(("text_en", ""), _negated=True),
                        ),
                        name="canned_answer_in_both_languages",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactPerson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("operations", "Operations contact"),
                            ("service", "Customer-service contact"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="shown name")),
                (
                    "phone",
                    models.CharField(
                        blank=True, db_default="", max_length=40, verbose_name="phone"
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        blank=True, db_default="", max_length=254, verbose_name="e-mail"
                    ),
                ),
                (
                    "wechat",
                    models.CharField(
                        blank=True, db_default="", max_length=60, verbose_name="WeChat"
                    ),
                ),
                (
                    "most",
                    models.PositiveIntegerField(
                        default=60,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="most agencies",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="takes agencies")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contact",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact person",
                "verbose_name_plural": "contact people",
                "ordering": ["kind", "name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["operations", "service"])),
                        name="contact_person_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("email", ""), ("phone", ""), ("wechat", ""), _negated=True
                        ),
                        name="contact_person_can_be_reached",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("city_zh", models.CharField(max_length=60, verbose_name="city in Chinese")),
                ("city_en", models.CharField(max_length=60, verbose_name="city in English")),
                ("title_zh", models.CharField(max_length=120, verbose_name="title in Chinese")),
                ("title_en", models.CharField(max_length=120, verbose_name="title in English")),
                (
                    "text_zh",
                    models.TextField(
                        blank=True, max_length=5000, verbose_name="about it in Chinese"
                    ),
                ),
                (
                    "text_en",
                    models.TextField(
                        blank=True, max_length=5000, verbose_name="about it in English"
                    ),
                ),
                ("venue_zh", models.CharField(max_length=200, verbose_name="venue in Chinese")),
                ("venue_en", models.CharField(max_length=200, verbose_name="venue in English")),
                ("starts_at", models.DateTimeField(verbose_name="begins")),
                ("ends_at", models.DateTimeField(verbose_name="ends")),
                ("register_until", models.DateTimeField(verbose_name="registration until")),
                (
                    "seats",
                    models.PositiveIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="seats",
                    ),
                ),
                (
                    "most_per_agency",
                    models.PositiveSmallIntegerField(
                        default=2,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="people per agency",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("published", "Published"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_default="draft",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("sequence", models.PositiveIntegerField(db_default=0, editable=False)),
                (
                    "cancel_reason",
                    models.CharField(
                        blank=True, db_default="", max_length=500, verbose_name="reason"
                    ),
                ),
                ("changed_at", models.DateTimeField(verbose_name="changed at")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "ordering": ["-starts_at", "-id"],
                "permissions": [("manage_event", "Can run events")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "published", "cancelled"])),
                        name="event_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__gt", models.F("starts_at")),
                            ("register_until__lte", models.F("ends_at")),
                        ),
                        name="event_times_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("most_per_agency__gte", 1), ("seats__gte", 1)),
                        name="event_has_seats",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state", "cancelled"),
                                models.Q(("cancel_reason", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "cancelled"), _negated=True),
                                ("cancel_reason", ""),
                            ),
                            _connector="OR",
                        ),
                        name="event_cancelled_with_reason",
                    ),
                ],
                "indexes": [models.Index(fields=["state", "starts_at"], name="event_by_day")],
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(max_length=120, verbose_name="subject")),
                (
                    "clause",
                    models.CharField(
                        blank=True, db_default="", max_length=100, verbose_name="clause"
                    ),
                ),
                ("about", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Awaits the platform"),
                            ("answered", "Answered"),
                            ("closed", "Closed"),
                            ("merged", "Merged into another question"),
                        ],
                        db_default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("portal", "In the portal"), ("phone", "By phone")],
                        db_default="portal",
                        max_length=6,
                        verbose_name="channel",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                (
                    "caller",
                    models.CharField(
                        blank=True, db_default="", max_length=100, verbose_name="caller"
                    ),
                ),
                (
                    "caller_check",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("called_back", "Called back at the number on file"),
                            ("mailed_code", "Read out a code mailed to a member"),
                            ("licence", "Named licence number and legal representative"),
                            ("known_voice", "Known to the agency's contact"),
                        ],
                        db_default="",
                        max_length=11,
                        verbose_name="identified by",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        blank=True, db_default="", max_length=20, verbose_name="level"
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("novice", "Novice stage"),
                            ("observation", "Observation stage"),
                            ("assessed", "Assessed stage"),
                        ],
                        max_length=11,
                        blank=True,
                        db_default="",
                        verbose_name="stage",
                    ),
                ),
                ("waiting_since", models.DateTimeField(null=True, verbose_name="waiting since")),
                ("due_at", models.DateTimeField(null=True, verbose_name="answer due")),
                (
                    "first_answered_at",
                    models.DateTimeField(null=True, verbose_name="first answered at"),
                ),
                (
                    "first_answer_minutes",
                    models.PositiveIntegerField(
                        null=True, verbose_name="business minutes to answer"
                    ),
                ),
                (
                    "first_answer_late",
                    models.BooleanField(null=True, verbose_name="first answer was late"),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
                (
                    "close_reason",
                    models.CharField(
                        blank=True, db_default="", max_length=500, verbose_name="reason"
                    ),
                ),
                (
                    "rating",
                    models.PositiveSmallIntegerField(null=True, verbose_name="satisfaction"),
                ),
                (
                    "rating_text",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="what we should know"
                    ),
                ),
                ("rated_at", models.DateTimeField(null=True, verbose_name="rated at")),
                ("request_key", models.UUIDField(editable=False, null=True, unique=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned to",
                    ),
                ),
                (
                    "first_answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="portal.question",
                        verbose_name="merged into",
                    ),
                ),
            ],
            options={
                "verbose_name": "question",
                "verbose_name_plural": "questions",
                "ordering": ["-id"],
                "permissions": [
                    ("answer_question", "Can answer agencies' questions"),
                    ("see_as_agency", "Can see what an agency sees"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("channel__in", ["portal", "phone"]),
                            ("stage__in", ["", "novice", "observation", "assessed"]),
                            ("state__in", ["open", "answered", "closed", "merged"]),
                        ),
                        name="question_vocabulary_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("subject", ""), _negated=True),
                        name="question_has_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("due_at__isnull", False),
                                ("state", "open"),
                                ("waiting_since__isnull", False),
                            ),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("due_at", None),
                                ("waiting_since", None),
                            ),
                            _connector="OR",
                        ),
                        name="question_clock_runs_while_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "caller_check__in",
                                    ["called_back", "mailed_code", "licence", "known_voice"],
                                ),
                                ("channel", "phone"),
                                models.Q(("caller", ""), _negated=True),
                            ),
                            models.Q(("caller", ""), ("caller_check", ""), ("channel", "portal")),
                            _connector="OR",
                        ),
                        name="question_caller_identified",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("first_answer_late", None),
                                ("first_answer_minutes", None),
                                ("first_answered_at", None),
                                ("first_answered_by", None),
                            ),
                            models.Q(
                                ("first_answer_late__isnull", False),
                                ("first_answer_minutes__isnull", False),
                                ("first_answered_at__isnull", False),
                                ("first_answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="question_first_answer_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", False), ("state__in", ["closed", "merged"])
                            ),
                            models.Q(
                                models.Q(("state__in", ["closed", "merged"]), _negated=True),
                                ("close_reason", ""),
                                ("closed_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="question_closed_when",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("merged_into__isnull", False),
                                ("state", "merged"),
                                models.Q(("merged_into", models.F("id")), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "merged"), _negated=True), ("merged_into", None)
                            ),
                            _connector="OR",
                        ),
                        name="question_merged_into_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("rated_at", None), ("rating", None), ("rating_text", "")),
                            models.Q(
                                ("rated_at__isnull", False), ("rating__gte", 1), ("rating__lte", 5)
                            ),
                            _connector="OR",
                        ),
                        name="question_rated_one_to_five",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["agency", "-id"], name="question_by_agency"),
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["due_at", "id"],
                        name="question_by_due",
                    ),
                    models.Index(fields=["asked_at"], name="question_by_time"),
                ],
            },
        ),
        migrations.CreateModel(
            name="MailPreference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("level", "Level and results"),
                            ("conduct", "Violations, measures and credit"),
                            ("bindings", "Creators and bindings"),
                            ("questions", "Questions and answers"),
                            ("rules", "Rules and consultations"),
                            ("events", "Events"),
                            ("star_source", "Star Source plan"),
                        ],
                        max_length=11,
                        verbose_name="topic",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("at_once", "At once"),
                            ("digest", "Once a day"),
                            ("never", "Not by mail"),
                        ],
                        max_length=7,
                        verbose_name="by mail",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mail_preferences",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "choice of mail",
                "verbose_name_plural": "choices of mail",
                "ordering": ["user", "topic"],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "topic"), name="mail_preference_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("mode__in", ["at_once", "digest", "never"]),
                            (
                                "topic__in",
                                [
                                    "level",
                                    "conduct",
                                    "bindings",
                                    "questions",
                                    "rules",
                                    "events",
                                    "star_source",
                                ],
                            ),
                        ),
                        name="mail_preference_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NewsMail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sending", "On its way"),
                            ("sent", "Sent"),
                            ("undelivered", "Undelivered"),
                            ("dropped", "Not needed any more"),
                        ],
                        db_default="waiting",
                        max_length=11,
                        verbose_name="delivery",
                    ),
                ),
                ("attempts", models.PositiveIntegerField(db_default=0, verbose_name="attempts")),
                (
                    "next_attempt_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        null=True,
                        verbose_name="next attempt at",
                    ),
                ),
                ("claimed_at", models.DateTimeField(null=True, verbose_name="on its way since")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent at")),
                (
                    "last_error",
                    models.CharField(
                        blank=True, db_default="", max_length=300, verbose_name="last error"
                    ),
                ),
                ("digest_on", models.DateField(null=True, verbose_name="in the mail of")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mails",
                        to="portal.outboxentry",
                        verbose_name="news",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="news_mails",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="to",
                    ),
                ),
            ],
            options={
                "verbose_name": "news by mail",
                "verbose_name_plural": "news by mail",
                "ordering": ["-id"],
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "sending", "sent", "undelivered", "dropped"])
                        ),
                        name="newsmail_delivery_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("claimed_at", None),
                                ("next_attempt_at__isnull", False),
                                ("sent_at", None),
                                ("state", "waiting"),
                            ),
                            models.Q(
                                ("claimed_at__isnull", False),
                                ("next_attempt_at", None),
                                ("sent_at", None),
                                ("state", "sending"),
                            ),
                            models.Q(
                                ("claimed_at", None),
                                ("next_attempt_at", None),
                                ("sent_at__isnull", False),
                                ("state", "sent"),
                            ),
                            models.Q(
                                ("claimed_at", None),
                                ("next_attempt_at", None),
                                ("sent_at", None),
                                ("state__in", ["undelivered", "dropped"]),
                            ),
                            _connector="OR",
                        ),
                        name="newsmail_delivery_dated",
                    ),
                    models.UniqueConstraint(fields=("entry", "user"), name="news_mail_once"),
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["next_attempt_at", "id"],
                        name="news_mail_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["sending", "undelivered"])),
                        fields=["-id"],
                        name="news_mail_stuck",
                    ),
                    models.Index(
                        condition=models.Q(("digest_on__isnull", False)),
                        fields=["user", "digest_on"],
                        name="news_mail_by_digest",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskRound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(unique=True, verbose_name="day")),
                ("month", models.DateField(verbose_name="data month")),
                ("data_through", models.DateField(verbose_name="data through")),
                ("through", models.BigIntegerField(db_default=0)),
                ("is_done", models.BooleanField(db_default=False, verbose_name="done")),
            ],
            options={
                "verbose_name": "look at risks",
                "verbose_name_plural": "looks at risks",
                "ordering": ["-day"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("data_through__gte", models.F("month")), ("month__day", 1)
                        ),
                        name="risk_round_within_its_month",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(unique=True, verbose_name="day")),
                ("name", models.CharField(max_length=100, verbose_name="why")),
                ("opens", models.TimeField(blank=True, null=True, verbose_name="opens")),
                ("closes", models.TimeField(blank=True, null=True, verbose_name="closes")),
            ],
            options={
                "verbose_name": "day with other hours",
                "verbose_name_plural": "days with other hours",
                "ordering": ["-day"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closes", None), ("opens", None)),
                            models.Q(
                                ("closes__gt", models.F("opens")),
                                ("closes__isnull", False),
                                ("opens__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="service_day_in_order",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Monday"),
                            (1, "Tuesday"),
                            (2, "Wednesday"),
                            (3, "Thursday"),
                            (4, "Friday"),
                            (5, "Saturday"),
                            (6, "Sunday"),
                        ],
                        unique=True,
                        verbose_name="weekday",
                    ),
                ),
                ("opens", models.TimeField(verbose_name="opens")),
                ("closes", models.TimeField(verbose_name="closes")),
            ],
            options={
                "verbose_name": "business hours",
                "verbose_name_plural": "business hours",
                "ordering": ["weekday"],
                "permissions": [("manage_service", "Can set service hours, targets and contacts")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("weekday__lte", 6)), name="service_hours_of_a_weekday"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("closes__gt", models.F("opens"))),
                        name="service_hours_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceTarget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(max_length=20, unique=True, verbose_name="level or stage"),
                ),
                (
                    "minutes",
                    models.PositiveIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="business minutes",
                    ),
                ),
            ],
            options={
                "verbose_name": "service target",
                "verbose_name_plural": "service targets",
                "ordering": ["minutes", "key"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 1), ("minutes__lte", 10000)),
                        name="service_target_positive",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactAssignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("operations", "Operations contact"),
                            ("service", "Customer-service contact"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
                ("until", models.DateTimeField(null=True, verbose_name="until")),
                (
                    "because",
                    models.CharField(
                        blank=True, db_default="", max_length=500, verbose_name="because"
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="portal.contactperson",
                        verbose_name="contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact of an agency",
                "verbose_name_plural": "contacts of agencies",
                "ordering": ["-since", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)),
                        fields=("agency", "kind"),
                        name="contact_assignment_one_of_a_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["operations", "service"]),
                            models.Q(
                                ("until", None), ("until__gte", models.F("since")), _connector="OR"
                            ),
                        ),
                        name="contact_assignment_in_order",
                    ),
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("until", None)),
                        fields=["person"],
                        name="contact_assignment_current",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EventItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="begins")),
                ("ends_at", models.DateTimeField(verbose_name="ends")),
                ("title_zh", models.CharField(max_length=200, verbose_name="title in Chinese")),
                ("title_en", models.CharField(max_length=200, verbose_name="title in English")),
                (
                    "speaker",
                    models.CharField(
                        blank=True, db_default="", max_length=100, verbose_name="speaker"
                    ),
                ),
                (
                    "speaker_zh",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="who that is, in Chinese"
                    ),
                ),
                (
                    "speaker_en",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="who that is, in English"
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="portal.event",
                    ),
                ),
                (
                    "speaker_agency",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of the programme",
                "verbose_name_plural": "lines of the programme",
                "ordering": ["starts_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="event_item_times_in_order",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EventMaterial",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="file")),
                ("content_type", models.CharField(max_length=50)),
                ("size", models.PositiveIntegerField(verbose_name="bytes")),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("title_zh", models.CharField(max_length=120, verbose_name="title in Chinese")),
                ("title_en", models.CharField(max_length=120, verbose_name="title in English")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="materials",
                        to="portal.event",
                    ),
                ),
            ],
            options={
                "verbose_name": "material of an event",
                "verbose_name_plural": "materials of events",
                "ordering": ["id"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("event", "sha256"), name="event_material_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Registration",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person", models.CharField(max_length=60, verbose_name="who comes")),
                ("phone", models.CharField(max_length=40, verbose_name="phone")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("seated", "Has a seat"),
                            ("waiting", "On the waiting list"),
                            ("cancelled", "Cancelled"),
                        ],
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="registered at")),
                ("seated_at", models.DateTimeField(null=True, verbose_name="seat since")),
                ("cancelled_at", models.DateTimeField(null=True, verbose_name="cancelled at")),
                ("checked_in_at", models.DateTimeField(null=True, verbose_name="came at")),
                ("request_key", models.UUIDField(editable=False, null=True, unique=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registrations",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "checked_in_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registrations",
                        to="portal.event",
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="registered by",
                    ),
                ),
            ],
            options={
                "verbose_name": "registration",
                "verbose_name_plural": "registrations",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "cancelled"), _negated=True),
                        fields=("event", "agency", "phone"),
                        name="registration_once_per_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("cancelled_at", None),
                                ("seated_at__isnull", False),
                                ("state", "seated"),
                            ),
                            models.Q(
                                ("cancelled_at", None), ("seated_at", None), ("state", "waiting")
                            ),
                            models.Q(("cancelled_at__isnull", False), ("state", "cancelled")),
                            _connector="OR",
                        ),
                        name="registration_state_dated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("checked_in_at", None), ("checked_in_by", None)),
                            models.Q(
                                ("checked_in_at__isnull", False),
                                ("checked_in_by__isnull", False),
                                ("state", "seated"),
                            ),
                            _connector="OR",
                        ),
                        name="registration_came_with_seat",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person", ""), _negated=True),
                            models.Q(("phone", ""), _negated=True),
                        ),
                        name="registration_names_person",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["event", "state", "id"], name="registration_in_order")
                ],
            },
        ),
        migrations.CreateModel(
            name="HelpArticle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "clause",
                    models.CharField(
                        blank=True, db_default="", max_length=100, verbose_name="clause"
                    ),
                ),
                ("title_zh", models.CharField(max_length=200, verbose_name="question in Chinese")),
                ("title_en", models.CharField(max_length=200, verbose_name="question in English")),
                ("text_zh", models.TextField(max_length=5000, verbose_name="answer in Chinese")),
                ("text_en", models.TextField(max_length=5000, verbose_name="answer in English")),
                ("is_published", models.BooleanField(default=False, verbose_name="published")),
                ("changed_at", models.DateTimeField(verbose_name="changed at")),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="articles",
                        to="portal.question",
                        verbose_name="question",
                    ),
                ),
            ],
            options={
                "verbose_name": "public answer",
                "verbose_name_plural": "public answers",
                "ordering": ["title_zh", "id"],
                "permissions": [("manage_help", "Can write public and prepared answers")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title_zh", ""), _negated=True),
                            models.Q(("title_en", ""), _negated=True),
                            models.Q(("text_zh", ""), _negated=True),
                            models.Q(("text_en", ""), _negated=True),
                        ),
                        name="help_article_in_both_languages",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QuestionMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("agency", "Agency"), ("platform", "Platform")],
                        max_length=8,
                        verbose_name="side",
                    ),
                ),
                ("is_internal", models.BooleanField(db_default=False, verbose_name="internal")),
                ("text", models.TextField(max_length=5000, verbose_name="text")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("request_key", models.UUIDField(editable=False, null=True, unique=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="portal.question",
                        verbose_name="question",
                    ),
                ),
            ],
            options={
                "verbose_name": "message of a question",
                "verbose_name_plural": "messages of questions",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("side__in", ["agency", "platform"]),
                            models.Q(("text", ""), _negated=True),
                        ),
                        name="question_message_says_what",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_internal", False), ("side", "platform"), _connector="OR"
                        ),
                        name="question_message_internal_of_platform",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["question", "id"], name="question_message_in_order")
                ],
            },
        ),
        migrations.CreateModel(
            name="QuestionStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "verb",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("followed_up", "The agency wrote again"),
                            ("answered", "Answered"),
                            ("noted", "Internal note"),
                            ("assigned", "Assigned"),
                            ("released", "Put back into the inbox"),
                            ("reclassed", "Clause changed"),
                            ("merged", "Merged"),
                            ("closed", "Closed"),
                            ("reopened", "Reopened"),
                            ("rated", "Rated"),
                        ],
                        max_length=11,
                        verbose_name="step",
                    ),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True, db_default="", max_length=500, verbose_name="note"
                    ),
                ),
                ("about", models.JSONField(default=dict)),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="portal.question",
                        verbose_name="question",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a question",
                "verbose_name_plural": "steps of questions",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "verb__in",
                                [
                                    "asked",
                                    "followed_up",
                                    "answered",
                                    "noted",
                                    "assigned",
                                    "released",
                                    "reclassed",
                                    "merged",
                                    "closed",
                                    "reopened",
                                    "rated",
                                ],
                            )
                        ),
                        name="question_step_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QuestionFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="file")),
                ("content_type", models.CharField(max_length=50)),
                ("size", models.PositiveIntegerField(verbose_name="bytes")),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="portal.questionmessage",
                        verbose_name="message",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of a question",
                "verbose_name_plural": "files of questions",
                "ordering": ["id"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("message", "sha256"), name="question_file_once")
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="accountmail",
            name="account_mail_sent_once",
        ),
        migrations.RemoveConstraint(
            model_name="outboxentry",
            name="outbox_entry_news_known",
        ),
        migrations.RemoveIndex(
            model_name="accountmail",
            name="account_mail_to_send",
        ),
        migrations.RemoveIndex(
            model_name="outboxentry",
            name="outbox_to_send",
        ),
        migrations.AddField(
            model_name="accountmail",
            name="claimed_at",
            field=models.DateTimeField(null=True, verbose_name="on its way since"),
        ),
        migrations.AddField(
            model_name="accountmail",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("sending", "On its way"),
                    ("sent", "Sent"),
                    ("undelivered", "Undelivered"),
                    ("dropped", "Not needed any more"),
                ],
                db_default="waiting",
                max_length=11,
                verbose_name="delivery",
            ),
        ),
        migrations.AddField(
            model_name="outboxentry",
            name="claimed_at",
            field=models.DateTimeField(null=True, verbose_name="on its way since"),
        ),
        migrations.AddField(
            model_name="outboxentry",
            name="once",
            field=models.CharField(blank=True, db_default="", max_length=120),
        ),
        migrations.AddField(
            model_name="outboxentry",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("sending", "On its way"),
                    ("sent", "Sent"),
                    ("undelivered", "Undelivered"),
                    ("dropped", "Not needed any more"),
                ],
                db_default="waiting",
                max_length=11,
                verbose_name="delivery",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="mail_language",
            field=models.CharField(
                choices=[("zh-hans", "Simplified Chinese"), ("en", "English")],
                db_default="zh-hans",
                max_length=7,
                verbose_name="language of mails",
            ),
        ),
        migrations.AlterField(
            model_name="accountmail",
            name="next_attempt_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                null=True,
                verbose_name="next attempt at",
            ),
        ),
        migrations.AlterField(
            model_name="outboxentry",
            name="news",
            field=models.CharField(
                blank=True,
                choices=[
                    ("violation_issued", "A violation was decided"),
                    ("violation_revoked", "A violation was revoked"),
                    ("appeal_filed", "An appeal was filed"),
                    ("appeal_decided", "An appeal was decided"),
                    ("penalty_started", "A measure took effect"),
                    ("penalty_ended", "A measure ended"),
                    ("penalty_lifted", "A measure was lifted"),
                    ("credit_awarded", "Credit was awarded"),
                    ("credit_restored", "Credit was given back"),
                    ("title_granted", "A title was granted"),
                    ("title_withdrawn", "A title was withdrawn"),
                    ("creator_bound", "A creator was bound"),
                    ("creator_unbound", "A creator was unbound"),
                    ("request_declined", "A creator declined"),
                    ("request_expired", "A request expired"),
                    ("unbinding_asked", "A creator wants to leave"),
                    ("unbinding_objected", "A creator refused to part"),
                    ("unbinding_withdrawn", "A creator withdrew the wish to leave"),
                    ("unbinding_called_in", "A creator called the platform in"),
                    ("unbinding_decided", "The platform decided on a wish to part"),
                    ("notice_published", "A public notice names a violation"),
                    ("level_changed", "The level or stage changed"),
                    ("result_corrected", "A published result was corrected"),
                    ("dispute_answered", "A dispute was answered"),
                    ("dispute_corrected", "Disputed data were corrected"),
                    ("consultation_opened", "The platform asks about new rules"),
                    ("consultation_closed", "A consultation on rules was concluded"),
                    ("comment_answered", "A comment on new rules was answered"),
                    ("rules_scheduled", "New rules were decided"),
                    ("rules_withdrawn", "Decided rules were withdrawn"),
                    ("result_published", "The result of the month is published"),
                    ("at_risk", "Level or stage at risk"),
                    ("appeal_ending", "The time to appeal runs out"),
                    ("question_answered", "A question was answered"),
                    ("question_closed", "A question was closed"),
                    ("contact_assigned", "A person of the platform is there for you"),
                    ("contact_ended", "The dedicated contact ended"),
                    ("star_selected", "A creator joined the Star Source plan"),
                    ("star_anchored", "The first live day of a creator was moved"),
                    ("star_phase", "A creator entered a new phase"),
                    ("star_incentive", "A creator was given traffic"),
                    ("star_left", "A creator left the Star Source plan"),
                    ("event_announced", "A salon was announced"),
                    ("event_changed", "A salon that you go to was changed"),
                    ("event_cancelled", "A salon was cancelled"),
                    ("event_seated", "A seat at a salon became free for you"),
                    ("event_materials", "Materials of a salon are there"),
                ],
                max_length=24,
                verbose_name="news",
            ),
        ),
        migrations.AlterField(
            model_name="outboxentry",
            name="next_attempt_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                null=True,
                verbose_name="next attempt at",
            ),
        ),
        # What was told so far is told: nobody gets last year's news by mail.
        migrations.RunSQL(
            """
            UPDATE portal_outboxentry SET
                state = CASE
                    WHEN agency_id IS NOT NULL OR sent_at IS NOT NULL THEN 'sent'
                    WHEN next_attempt_at IS NULL THEN 'dropped'
                    ELSE 'waiting'
                END,
                sent_at = CASE WHEN agency_id IS NOT NULL THEN at ELSE sent_at END,
                next_attempt_at = CASE
                    WHEN agency_id IS NULL AND sent_at IS NULL THEN next_attempt_at
                END;
            UPDATE portal_accountmail SET
                state = CASE
                    WHEN sent_at IS NOT NULL THEN 'sent'
                    WHEN next_attempt_at IS NULL THEN 'dropped'
                    ELSE 'waiting'
                END;
            """,
            migrations.RunSQL.noop,
        ),
        # Business hours and targets to begin with (D): replaced at the desk by the platform.
        migrations.RunSQL(
            """
            INSERT INTO portal_servicehours (weekday, opens, closes)
            SELECT weekday, '09:00', '18:00' FROM generate_series(0, 4) AS weekday;
            INSERT INTO portal_servicetarget (key, minutes) VALUES
                ('V5', 60), ('V4', 120), ('V3', 240), ('V2', 540), ('V1', 540),
                ('observation', 540), ('novice', 540);
            """,
            "DELETE FROM portal_servicehours; DELETE FROM portal_servicetarget;",
        ),
        migrations.AddIndex(
            model_name="accountmail",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["next_attempt_at", "id"],
                name="account_mail_to_send",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxentry",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["next_attempt_at", "id"],
                name="outbox_to_send",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxentry",
            index=models.Index(
                condition=models.Q(("state__in", ["sending", "undelivered"])),
                fields=["-id"],
                name="outbox_stuck",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["waiting", "sending", "sent", "undelivered", "dropped"])
                ),
                name="accountmail_delivery_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("claimed_at", None),
                        ("next_attempt_at__isnull", False),
                        ("sent_at", None),
                        ("state", "waiting"),
                    ),
                    models.Q(
                        ("claimed_at__isnull", False),
                        ("next_attempt_at", None),
                        ("sent_at", None),
                        ("state", "sending"),
                    ),
                    models.Q(
                        ("claimed_at", None),
                        ("next_attempt_at", None),
                        ("sent_at__isnull", False),
                        ("state", "sent"),
                    ),
                    models.Q(
                        ("claimed_at", None),
                        ("next_attempt_at", None),
                        ("sent_at", None),
                        ("state__in", ["undelivered", "dropped"]),
                    ),
                    _connector="OR",
                ),
                name="accountmail_delivery_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["waiting", "sending", "sent", "undelivered", "dropped"])
                ),
                name="outboxentry_delivery_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("claimed_at", None),
                        ("next_attempt_at__isnull", False),
                        ("sent_at", None),
                        ("state", "waiting"),
                    ),
                    models.Q(
                        ("claimed_at__isnull", False),
                        ("next_attempt_at", None),
                        ("sent_at", None),
                        ("state", "sending"),
                    ),
                    models.Q(
                        ("claimed_at", None),
                        ("next_attempt_at", None),
                        ("sent_at__isnull", False),
                        ("state", "sent"),
                    ),
                    models.Q(
                        ("claimed_at", None),
                        ("next_attempt_at", None),
                        ("sent_at", None),
                        ("state__in", ["undelivered", "dropped"]),
                    ),
                    _connector="OR",
                ),
                name="outboxentry_delivery_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("once", ""), _negated=True),
                fields=("agency", "once"),
                name="outbox_entry_told_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "news__in",
                        [
                            "",
                            "violation_issued",
                            "violation_revoked",
                            "appeal_filed",
                            "appeal_decided",
                            "penalty_started",
                            "penalty_ended",
                            "penalty_lifted",
                            "credit_awarded",
                            "credit_restored",
                            "title_granted",
                            "title_withdrawn",
                            "creator_bound",
                            "creator_unbound",
                            "request_declined",
                            "request_expired",
                            "unbinding_asked",
                            "unbinding_objected",
                            "unbinding_withdrawn",
                            "unbinding_called_in",
                            "unbinding_decided",
                            "notice_published",
                            "level_changed",
                            "result_corrected",
                            "dispute_answered",
                            "dispute_corrected",
                            "consultation_opened",
                            "consultation_closed",
                            "comment_answered",
                            "rules_scheduled",
                            "rules_withdrawn",
                            "result_published",
                            "at_risk",
                            "appeal_ending",
                            "question_answered",
                            "question_closed",
                            "contact_assigned",
                            "contact_ended",
                            "star_selected",
                            "star_anchored",
                            "star_phase",
                            "star_incentive",
                            "star_left",
                            "event_announced",
                            "event_changed",
                            "event_cancelled",
                            "event_seated",
                            "event_materials",
                        ],
                    )
                ),
                name="outbox_entry_news_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("mail_language__in", ["zh-hans", "en"])),
                name="user_mail_language_known",
            ),
        ),
        migrations.AddField(
            model_name="stafflook",
            name="role",
            field=models.CharField(
                blank=True,
                choices=[
                    ("support", "Support"),
                    ("operations", "Operations"),
                    ("admin", "Administrator"),
                ],
                db_default="",
                max_length=10,
                verbose_name="role",
            ),
        ),
        migrations.AddIndex(
            model_name="stafflook",
            index=models.Index(fields=["-at", "-id"], name="staff_look_by_time"),
        ),
        migrations.AddConstraint(
            model_name="stafflook",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["", "support", "operations", "admin"])),
                name="staff_look_role_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="questionmessage",
            trigger=pgtrigger.compiler.Trigger(
                name="question_message_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="5a6dff3e17ac7ee6c8edfcc68b43efc55401a932",
                    operation="UPDATE",
                    pgid="pgtrigger_question_message_kept_882c3",
                    table="portal_questionmessage",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="questionstep",
            trigger=pgtrigger.compiler.Trigger(
                name="question_step_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="179be8c58a5c623886190c506b8ba5077604e411",
                    operation="UPDATE",
                    pgid="pgtrigger_question_step_kept_c848b",
                    table="portal_questionstep",
                    when="BEFORE",
                ),
            ),
        ),
    ]
