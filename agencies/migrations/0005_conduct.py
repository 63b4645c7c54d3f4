import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0004_room_for_followers"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("portal", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="AgencyEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "code",
                    models.CharField(db_collation="C", max_length=32, verbose_name="agency code"),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("joined_on", models.DateField(verbose_name="joined on")),
                ("removed_on", models.DateField(blank=True, null=True, verbose_name="removed on")),
                (
                    "city",
                    models.CharField(
                        blank=True, db_default="", max_length=100, verbose_name="city"
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        blank=True, db_default="", max_length=100, verbose_name="category"
                    ),
                ),
                (
                    "contact_email",
                    models.EmailField(
                        blank=True, db_default="", max_length=254, verbose_name="contact e-mail"
                    ),
                ),
                (
                    "contact_phone",
                    models.CharField(
                        blank=True, db_default="", max_length=50, verbose_name="contact phone"
                    ),
                ),
                (
                    "uscc",
                    models.CharField(
                        blank=True,
                        db_default="",
                        max_length=18,
                        verbose_name="unified social credit code",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="code_name_joined_on_removed_on_city_category_contact_email_contact_phone_uscc_events",
                        to="agencies.agency",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(max_length=5000, verbose_name="text")),
                ("filed_at", models.DateTimeField(verbose_name="filed at")),
                ("due_on", models.DateField(verbose_name="answer due on")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "filed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="filed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "appeal",
                "verbose_name_plural": "appeals",
                "ordering": ["due_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="BindingEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("bound_from", models.DateField(verbose_name="bound from")),
                (
                    "bound_until",
                    models.DateField(blank=True, null=True, verbose_name="bound until"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                (
                    "agency",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "creator",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.creator",
                        verbose_name="creator",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="agencies.binding",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="BindingRequest",
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
                            ("asked", "Awaits the creator"),
                            ("confirmed", "Confirmed"),
                            ("declined", "Declined by the creator"),
                            ("expired", "Expired"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        db_default="asked",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "message",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="message to the creator"
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="binding_requests",
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
                        verbose_name="asked by",
                    ),
                ),
                (
                    "binding",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="request",
                        to="agencies.binding",
                        verbose_name="binding",
                    ),
                ),
                (
                    "creator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="binding_requests",
                        to="agencies.creator",
                        verbose_name="creator",
                    ),
                ),
            ],
            options={
                "verbose_name": "binding request",
                "verbose_name_plural": "binding requests",
                "ordering": ["-asked_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["asked", "confirmed", "declined", "expired", "withdrawn"],
                            )
                        ),
                        name="binding_request_state_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("agency", "creator"),
                        name="binding_request_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("state", "asked")),
                            models.Q(
                                models.Q(("state", "asked"), _negated=True),
                                ("closed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="binding_request_closed_unless_asked",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("asked_at"))),
                        name="binding_request_expires_later",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConductEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        choices=[
                            ("violation", "Violation"),
                            ("penalty", "Measure"),
                            ("appeal", "Appeal"),
                            ("credit", "Credit"),
                            ("title", "Honorary title"),
                            ("binding", "Binding"),
                            ("binding_request", "Binding request"),
                            ("unbinding", "Unbinding"),
                            ("notice", "Public notice"),
                        ],
                        max_length=16,
                        verbose_name="about",
                    ),
                ),
                ("subject_id", models.BigIntegerField()),
                ("verb", models.CharField(max_length=24, verbose_name="step")),
                ("from_state", models.CharField(blank=True, max_length=12)),
                ("to_state", models.CharField(blank=True, max_length=12)),
                ("reason", models.CharField(blank=True, max_length=2000, verbose_name="reason")),
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
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conduct_events",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "creator",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.creator",
                        verbose_name="creator",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of conduct",
                "verbose_name_plural": "steps of conduct",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "subject__in",
                                [
                                    "violation",
                                    "penalty",
                                    "appeal",
                                    "credit",
                                    "title",
                                    "binding",
                                    "binding_request",
                                    "unbinding",
                                    "notice",
                                ],
                            )
                        ),
                        name="conduct_event_subject_known",
                    )
                ],
                "indexes": [
                    models.Index(fields=["subject", "subject_id"], name="conduct_event_by_subject"),
                    models.Index(fields=["agency", "-id"], name="conduct_event_by_agency"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Unbinding",
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
                        choices=[("agency", "Agency"), ("creator", "Creator")],
                        max_length=8,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Awaits the other side"),
                            ("objected", "Refused by the other side"),
                            ("called_in", "Before the platform"),
                            ("ended", "Unbound"),
                            ("kept", "Binding kept"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        db_default="asked",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "objection",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="reason of the refusal"
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="reason of the decision"
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("silent_on", models.DateField(verbose_name="silence counts on")),
                (
                    "called_in_at",
                    models.DateTimeField(null=True, verbose_name="platform called in at"),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="member",
                    ),
                ),
                (
                    "binding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="unbindings",
                        to="agencies.binding",
                        verbose_name="binding",
                    ),
                ),
            ],
            options={
                "verbose_name": "unbinding",
                "verbose_name_plural": "unbindings",
                "ordering": ["-asked_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["asked", "objected", "called_in", "ended", "kept", "withdrawn"],
                            )
                        ),
                        name="unbinding_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("side__in", ["agency", "creator"])),
                        name="unbinding_side_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["asked", "objected", "called_in"])),
                        fields=("binding",),
                        name="unbinding_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at", None),
                                ("state__in", ["asked", "objected", "called_in"]),
                            ),
                            models.Q(
                                models.Q(
                                    ("state__in", ["asked", "objected", "called_in"]), _negated=True
                                ),
                                ("closed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="unbinding_closed_unless_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["objected", "called_in"]), _negated=True),
                            models.Q(("objection", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="unbinding_refused_with_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("created_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "incident",
                "verbose_name_plural": "incidents",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="MembershipEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "Owner"), ("viewer", "Viewer")],
                        db_default="viewer",
                        max_length=8,
                        verbose_name="role",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="member since"),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="agencies.membership",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PublicNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "introduction",
                    models.TextField(blank=True, max_length=2000, verbose_name="introduction"),
                ),
                ("first_day", models.DateField(verbose_name="first day")),
                ("last_day", models.DateField(verbose_name="last day")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published")],
                        db_default="draft",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created")),
                ("published_at", models.DateTimeField(null=True, verbose_name="published at")),
                ("request_key", models.UUIDField(editable=False, unique=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="published by",
                    ),
                ),
            ],
            options={
                "verbose_name": "public notice",
                "verbose_name_plural": "public notices",
                "ordering": ["-published_at", "-id"],
                "permissions": [("publish_notice", "Can write and publish public notices")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_day__gte", models.F("first_day"))),
                        name="public_notice_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at", None), ("state", "draft")),
                            models.Q(("published_at__isnull", False), ("state", "published")),
                            _connector="OR",
                        ),
                        name="public_notice_published_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Penalty",
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
                            ("warning", "Warning"),
                            ("suspend_binding", "Binding suspended"),
                            ("cancel_honours", "Honours cancelled"),
                            ("linked_agencies", "Linked agency: binding suspended"),
                            ("linked_accounts", "Linked account barred"),
                            ("removal", "Removal from the platform"),
                        ],
                        max_length=20,
                        verbose_name="measure",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("proposed", "Awaits a second person"),
                            ("active", "In force"),
                            ("expired", "Expired"),
                            ("lifted", "Lifted"),
                            ("declined", "Not confirmed"),
                        ],
                        db_default="planned",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="from")),
                ("until", models.DateField(blank=True, null=True, verbose_name="until")),
                (
                    "at_zero",
                    models.BooleanField(db_default=False, verbose_name="credit reached zero"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="penalties",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="penalties",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmed by",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
                    ),
                ),
                (
                    "violation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="penalties",
                        to="agencies.violation",
                        verbose_name="violation",
                    ),
                ),
            ],
            options={
                "verbose_name": "measure",
                "verbose_name_plural": "measures",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "warning",
                                    "suspend_binding",
                                    "cancel_honours",
                                    "linked_agencies",
                                    "linked_accounts",
                                    "removal",
                                ],
                            )
                        ),
                        name="penalty_measure_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["planned", "proposed", "active", "expired", "lifted", "declined"],
                            )
                        ),
                        name="penalty_state_known",
                    ),
                    models.UniqueConstraint(
                        fields=("violation", "kind", "agency", "account"),
                        name="penalty_once_per_violation",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["active", "expired"]), _negated=True),
                            ("starts_on__isnull", False),
                            _connector="OR",
                        ),
                        name="penalty_in_force_has_begun",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__gt", models.F("starts_on")),
                            ("until", None),
                            ("starts_on", None),
                            _connector="OR",
                        ),
                        name="penalty_not_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "removal"), _negated=True),
                            ("until", None),
                            _connector="OR",
                        ),
                        name="penalty_removal_is_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["active", "expired"]), _negated=True),
                            models.Q(("kind", "removal"), _negated=True),
                            models.Q(
                                ("confirmed_by__isnull", False),
                                models.Q(
                                    ("proposed_by", None),
                                    models.Q(
                                        ("confirmed_by", models.F("proposed_by")), _negated=True
                                    ),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="penalty_removal_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("account__isnull", False), ("kind", "linked_accounts")),
                            models.Q(
                                models.Q(("kind", "linked_accounts"), _negated=True),
                                ("account", None),
                            ),
                            _connector="OR",
                        ),
                        name="penalty_account_only_for_accounts",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["agency", "state"], name="penalty_by_agency"),
                    models.Index(
                        condition=models.Q(("state", "active"), ("until__isnull", False)),
                        fields=["until"],
                        name="penalty_to_expire",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Title",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name_zh", models.CharField(max_length=100, verbose_name="name in Chinese")),
                ("name_en", models.CharField(max_length=100, verbose_name="name in English")),
                ("granted_on", models.DateField(verbose_name="granted on")),
                (
                    "withdrawn_on",
                    models.DateField(blank=True, null=True, verbose_name="withdrawn on"),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="titles",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="granted by",
                    ),
                ),
            ],
            options={
                "verbose_name": "honorary title",
                "verbose_name_plural": "honorary titles",
                "ordering": ["-granted_on", "name_zh"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agency", "name_zh", "granted_on"), name="title_granted_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("withdrawn_on", None),
                            ("withdrawn_on__gte", models.F("granted_on")),
                            _connector="OR",
                        ),
                        name="title_withdrawn_after_granting",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AppealEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("text", models.TextField(max_length=5000, verbose_name="text")),
                ("filed_at", models.DateTimeField(verbose_name="filed at")),
                ("due_on", models.DateField(verbose_name="answer due on")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                (
                    "agency",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "filed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="filed by",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="agencies.appeal",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CaseFile",
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
                ("added_at", models.DateTimeField(verbose_name="added at")),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "appeal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="agencies.appeal",
                        verbose_name="appeal",
                    ),
                ),
                (
                    "violation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="agencies.violation",
                        verbose_name="violation",
                    ),
                ),
            ],
            options={
                "verbose_name": "case file",
                "verbose_name_plural": "case files",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("appeal__isnull", False), ("violation", None)),
                            models.Q(("appeal", None), ("violation__isnull", False)),
                            _connector="OR",
                        ),
                        name="case_file_of_one_case",
                    ),
                    models.UniqueConstraint(
                        fields=("violation", "appeal", "sha256"),
                        name="case_file_once",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BindingRequestEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Awaits the creator"),
                            ("confirmed", "Confirmed"),
                            ("declined", "Declined by the creator"),
                            ("expired", "Expired"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        db_default="asked",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "message",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="message to the creator"
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
                (
                    "agency",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "binding",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.binding",
                        verbose_name="binding",
                    ),
                ),
                (
                    "creator",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.creator",
                        verbose_name="creator",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="agencies.bindingrequest",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CreatorLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("confirm", "Confirm a binding"),
                            ("answer", "Answer a wish to part"),
                            ("leave", "Leave an agency"),
                        ],
                        max_length=8,
                        verbose_name="purpose",
                    ),
                ),
                ("nonce", models.UUIDField(editable=False, unique=True)),
                ("created_at", models.DateTimeField(verbose_name="made at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("used_at", models.DateTimeField(null=True, verbose_name="used at")),
                (
                    "creator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="agencies.creator",
                        verbose_name="creator",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="agencies.bindingrequest",
                        verbose_name="request",
                    ),
                ),
                (
                    "unbinding",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="agencies.unbinding",
                        verbose_name="unbinding",
                    ),
                ),
            ],
            options={
                "verbose_name": "creator's link",
                "verbose_name_plural": "creators' links",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("purpose", "confirm"),
                                ("request__isnull", False),
                                ("unbinding", None),
                            ),
                            models.Q(
                                ("purpose", "answer"),
                                ("request", None),
                                ("unbinding__isnull", False),
                            ),
                            models.Q(("purpose", "leave"), ("request", None), ("unbinding", None)),
                            _connector="OR",
                        ),
                        name="creator_link_for_its_purpose",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="creator_link_expires_later",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnbindingEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "side",
                    models.CharField(
                        choices=[("agency", "Agency"), ("creator", "Creator")],
                        max_length=8,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Awaits the other side"),
                            ("objected", "Refused by the other side"),
                            ("called_in", "Before the platform"),
                            ("ended", "Unbound"),
                            ("kept", "Binding kept"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        db_default="asked",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "objection",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="reason of the refusal"
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="reason of the decision"
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("silent_on", models.DateField(verbose_name="silence counts on")),
                (
                    "called_in_at",
                    models.DateTimeField(null=True, verbose_name="platform called in at"),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed at")),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="member",
                    ),
                ),
                (
                    "binding",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.binding",
                        verbose_name="binding",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="agencies.unbinding",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="IncidentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("created_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "created_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="agencies.incident",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ViolationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("dispute", "Disputes with merchants or creators"),
                            ("impersonation", "Impersonation of the platform"),
                            ("false_information", "False information"),
                            ("fake_traffic", "Faked traffic or orders"),
                            ("prohibited_content", "Prohibited content"),
                            ("breach_of_agreement", "Breach of the platform agreement"),
                            ("other", "Other violations"),
                        ],
                        max_length=32,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("issued", "Issued"),
                            ("appealed", "Appealed"),
                            ("upheld", "Upheld"),
                            ("revoked", "Revoked"),
                        ],
                        db_default="issued",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("occurred_on", models.DateField(verbose_name="occurred on")),
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="decided on")),
                (
                    "appeal_until",
                    models.DateField(blank=True, null=True, verbose_name="appeal until"),
                ),
                ("points", models.PositiveIntegerField(verbose_name="points asked")),
                ("summary", models.CharField(max_length=2000, verbose_name="summary")),
                (
                    "reference",
                    models.CharField(db_collation="C", max_length=64, verbose_name="case number"),
                ),
                ("reviewed_on", models.DateField(null=True, verbose_name="reviewed on")),
                (
                    "review_reason",
                    models.CharField(
                        blank=True,
                        db_default="",
                        max_length=2000,
                        verbose_name="reason of the review",
                    ),
                ),
                ("request_key", models.UUIDField(editable=False, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="recorded at")),
                (
                    "agency",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "appeal",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.appeal",
                        verbose_name="appeal",
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="drafted by",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.incident",
                        verbose_name="incident",
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="issued by",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="agencies.violation",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reviewed by",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="NoticeEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("agency_name", models.CharField(max_length=200, verbose_name="agency")),
                ("wording", models.TextField(max_length=2000, verbose_name="wording")),
                ("measures", models.JSONField(default=list, verbose_name="measures")),
                ("applied", models.PositiveIntegerField(db_default=0, verbose_name="points taken")),
                ("corrected_on", models.DateField(null=True, verbose_name="corrected on")),
                (
                    "violation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notice_entries",
                        to="agencies.violation",
                        verbose_name="violation",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="agencies.publicnotice",
                        verbose_name="notice",
                    ),
                ),
            ],
            options={
                "verbose_name": "notice entry",
                "verbose_name_plural": "notice entries",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("notice", "violation"), name="notice_entry_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PublicNoticeEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                (
                    "introduction",
                    models.TextField(blank=True, max_length=2000, verbose_name="introduction"),
                ),
                ("first_day", models.DateField(verbose_name="first day")),
                ("last_day", models.DateField(verbose_name="last day")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published")],
                        db_default="draft",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created")),
                ("published_at", models.DateTimeField(null=True, verbose_name="published at")),
                ("request_key", models.UUIDField(editable=False)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="agencies.publicnotice",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="published by",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PenaltyEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("warning", "Warning"),
                            ("suspend_binding", "Binding suspended"),
                            ("cancel_honours", "Honours cancelled"),
                            ("linked_agencies", "Linked agency: binding suspended"),
                            ("linked_accounts", "Linked account barred"),
                            ("removal", "Removal from the platform"),
                        ],
                        max_length=20,
                        verbose_name="measure",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("proposed", "Awaits a second person"),
                            ("active", "In force"),
                            ("expired", "Expired"),
                            ("lifted", "Lifted"),
                            ("declined", "Not confirmed"),
                        ],
                        db_default="planned",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="from")),
                ("until", models.DateField(blank=True, null=True, verbose_name="until")),
                (
                    "at_zero",
                    models.BooleanField(db_default=False, verbose_name="credit reached zero"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmed by",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="agencies.penalty",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
                    ),
                ),
                (
                    "violation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.violation",
                        verbose_name="violation",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TitleEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name_zh", models.CharField(max_length=100, verbose_name="name in Chinese")),
                ("name_en", models.CharField(max_length=100, verbose_name="name in English")),
                ("granted_on", models.DateField(verbose_name="granted on")),
                (
                    "withdrawn_on",
                    models.DateField(blank=True, null=True, verbose_name="withdrawn on"),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="granted by",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="agencies.title",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CaseFileEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=200, verbose_name="file")),
                ("content_type", models.CharField(max_length=50)),
                ("size", models.PositiveIntegerField(verbose_name="bytes")),
                ("sha256", models.CharField(max_length=64)),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                (
                    "added_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "appeal",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.appeal",
                        verbose_name="appeal",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="agencies.casefile",
                    ),
                ),
                (
                    "violation",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.violation",
                        verbose_name="violation",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="NoticeEntryEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("agency_name", models.CharField(max_length=200, verbose_name="agency")),
                ("wording", models.TextField(max_length=2000, verbose_name="wording")),
                ("measures", models.JSONField(default=list, verbose_name="measures")),
                ("applied", models.PositiveIntegerField(db_default=0, verbose_name="points taken")),
                ("corrected_on", models.DateField(null=True, verbose_name="corrected on")),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="agencies.noticeentry",
                    ),
                ),
                (
                    "violation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.violation",
                        verbose_name="violation",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.publicnotice",
                        verbose_name="notice",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AlterModelOptions(
            name="binding",
            options={
                "ordering": ["creator_id", "bound_from"],
                "permissions": [("manage_binding", "Can bind, unbind and transfer creators")],
                "verbose_name": "binding",
                "verbose_name_plural": "bindings",
            },
        ),
        migrations.AlterModelOptions(
            name="violation",
            options={
                "ordering": ["-decided_on", "reference"],
                "permissions": [
                    ("decide_violation", "Can draft and issue violations, confirm removals"),
                    ("review_appeal", "Can decide appeals and revoke violations"),
                    ("grant_honour", "Can award credit and grant titles"),
                ],
                "verbose_name": "violation",
                "verbose_name_plural": "violations",
            },
        ),
        migrations.RemoveConstraint(
            model_name="violation",
            name="violation_state_known",
        ),
        migrations.AddField(
            model_name="creditentry",
            name="adjusts",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="adjusted_by",
                to="agencies.creditentry",
                verbose_name="adjusts",
            ),
        ),
        migrations.AddField(
            model_name="violation",
            name="appeal_until",
            field=models.DateField(blank=True, null=True, verbose_name="appeal until"),
        ),
        migrations.RunSQL(
            # violations known so far were all decided elsewhere, under the default 15 days
            "UPDATE agencies_violation SET appeal_until = decided_on + 15",
            migrations.RunSQL.noop,
        ),
        migrations.AddField(
            model_name="violation",
            name="drafted_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="drafted by",
            ),
        ),
        migrations.AddField(
            model_name="violation",
            name="issued_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="issued by",
            ),
        ),
        migrations.AddField(
            model_name="violation",
            name="request_key",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="violation",
            name="review_reason",
            field=models.CharField(
                blank=True, db_default="", max_length=2000, verbose_name="reason of the review"
            ),
        ),
        migrations.AddField(
            model_name="violation",
            name="reviewed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="reviewed by",
            ),
        ),
        migrations.AddField(
            model_name="violation",
            name="reviewed_on",
            field=models.DateField(null=True, verbose_name="reviewed on"),
        ),
        migrations.AlterField(
            model_name="violation",
            name="decided_on",
            field=models.DateField(blank=True, null=True, verbose_name="decided on"),
        ),
        migrations.AlterField(
            model_name="violation",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("issued", "Issued"),
                    ("appealed", "Appealed"),
                    ("upheld", "Upheld"),
                    ("revoked", "Revoked"),
                ],
                db_default="issued",
                max_length=12,
                verbose_name="state",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("adjusts__isnull", False), ("kind", "adjustment"), ("points__lt", 0)),
                    models.Q(
                        models.Q(("kind", "adjustment"), _negated=True), ("adjusts__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="credit_entry_adjustment_names_its_line",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "award")),
                fields=("agency", "effective_on", "reason"),
                name="credit_entry_award_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "restore")),
                fields=("agency", "effective_on"),
                name="credit_entry_restore_once_a_day",
            ),
        ),
        migrations.AddField(
            model_name="violation",
            name="appeal",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="violations",
                to="agencies.appeal",
                verbose_name="appeal",
            ),
        ),
        migrations.AddField(
            model_name="violation",
            name="incident",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="violations",
                to="agencies.incident",
                verbose_name="incident",
            ),
        ),
        migrations.AddIndex(
            model_name="violation",
            index=models.Index(fields=["agency", "-decided_on"], name="violation_by_agency"),
        ),
        migrations.AddIndex(
            model_name="violation",
            index=models.Index(fields=["state", "-decided_on"], name="violation_by_state"),
        ),
        migrations.AddConstraint(
            model_name="violation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "issued", "appealed", "upheld", "revoked"])
                ),
                name="violation_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="violation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("appeal_until", None), ("decided_on", None), ("state", "draft")),
                    models.Q(
                        models.Q(("state", "draft"), _negated=True),
                        ("appeal_until__gte", models.F("decided_on")),
                        ("appeal_until__isnull", False),
                        ("decided_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="violation_decided_unless_draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="violation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["appealed", "upheld"]), _negated=True),
                    ("appeal__isnull", False),
                    _connector="OR",
                ),
                name="violation_under_review_has_appeal",
            ),
        ),
        migrations.AddConstraint(
            model_name="violation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reviewed_by", None),
                    ("issued_by", None),
                    models.Q(("reviewed_by", models.F("issued_by")), _negated=True),
                    _connector="OR",
                ),
                name="violation_reviewed_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="violation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["upheld", "revoked"]),
                        ("reviewed_by__isnull", False),
                        ("reviewed_on__isnull", False),
                        models.Q(("review_reason", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state__in", ["upheld", "revoked"]), _negated=True),
                        ("review_reason", ""),
                        ("reviewed_by", None),
                        ("reviewed_on", None),
                    ),
                    _connector="OR",
                ),
                name="violation_reviewed_with_reason",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agency",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_agencyevent" ("category", "city", "code", "contact_email", "contact_phone", "joined_on", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed_on", "uscc") SELECT new_values."category", new_values."city", new_values."code", new_values."contact_email", new_values."contact_phone", new_values."joined_on", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."removed_on", new_values."uscc" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="e7d882902e479697e23284e65b2429092f48a891",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_064bb",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="agencies_agency",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agency",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_agencyevent" ("category", "city", "code", "contact_email", "contact_phone", "joined_on", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed_on", "uscc") SELECT new_values."category", new_values."city", new_values."code", new_values."contact_email", new_values."contact_phone", new_values."joined_on", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."removed_on", new_values."uscc" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."category" IS DISTINCT FROM (new_values."category") OR old_values."city" IS DISTINCT FROM (new_values."city") OR old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."contact_email" IS DISTINCT FROM (new_values."contact_email") OR old_values."contact_phone" IS DISTINCT FROM (new_values."contact_phone") OR old_values."joined_on" IS DISTINCT FROM (new_values."joined_on") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."removed_on" IS DISTINCT FROM (new_values."removed_on") OR old_values."uscc" IS DISTINCT FROM (new_values."uscc")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="ba4f7f1e7ad722c26f6abbc9d4aa218f45d60ec8",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_187e7",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="agencies_agency",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agency",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_agencyevent" ("category", "city", "code", "contact_email", "contact_phone", "joined_on", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "removed_on", "uscc") SELECT old_values."category", old_values."city", old_values."code", old_values."contact_email", old_values."contact_phone", old_values."joined_on", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."removed_on", old_values."uscc" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="8dbeecfdd651de8d61ef3991640db8f46bb868fa",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_9c312",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="agencies_agency",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="binding",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_bindingevent" ("agency_id", "bound_from", "bound_until", "created_at", "creator_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."agency_id", new_values."bound_from", new_values."bound_until", new_values."created_at", new_values."creator_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="5b3df5d5b1657420ab3146ff21dcb74109645844",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_41d48",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="agencies_binding",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="binding",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_bindingevent" ("agency_id", "bound_from", "bound_until", "created_at", "creator_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."agency_id", new_values."bound_from", new_values."bound_until", new_values."created_at", new_values."creator_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="ecefa2514ca3ed53530ea9a52c63819f44581a1b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_dd99a",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="agencies_binding",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="binding",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_bindingevent" ("agency_id", "bound_from", "bound_until", "created_at", "creator_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."agency_id", old_values."bound_from", old_values."bound_until", old_values."created_at", old_values."creator_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="020bb331b8419413fad8d9dfec1040391b59c804",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_9b7e4",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="agencies_binding",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_membershipevent" ("agency_id", "created_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") SELECT new_values."agency_id", new_values."created_at", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."role", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="5b5451c6d69bcd5628c6650a9cb4c14b0c003a89",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_da12b",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="agencies_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_membershipevent" ("agency_id", "created_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") SELECT new_values."agency_id", new_values."created_at", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."role", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="3758ed521ba8eaebdcfcb8126b821adaf5846d79",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_bda2e",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="agencies_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_membershipevent" ("agency_id", "created_at", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "user_id") SELECT old_values."agency_id", old_values."created_at", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."role", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="ab829ddde067e32fae366b868ed6c599b53ae78d",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_c36fb",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="agencies_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="violation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_violationevent" ("agency_id", "appeal_id", "appeal_until", "created_at", "decided_on", "drafted_by_id", "id", "incident_id", "issued_by_id", "kind", "occurred_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "reference", "request_key", "review_reason", "reviewed_by_id", "reviewed_on", "state", "summary") SELECT new_values."agency_id", new_values."appeal_id", new_values."appeal_until", new_values."created_at", new_values."decided_on", new_values."drafted_by_id", new_values."id", new_values."incident_id", new_values."issued_by_id", new_values."kind", new_values."occurred_on", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."points", new_values."reference", new_values."request_key", new_values."review_reason", new_values."reviewed_by_id", new_values."reviewed_on", new_values."state", new_values."summary" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="d0465cda3382055f2ae8f3c3fb3e93ad368cfc6b",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0a18e",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="agencies_violation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="violation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_violationevent" ("agency_id", "appeal_id", "appeal_until", "created_at", "decided_on", "drafted_by_id", "id", "incident_id", "issued_by_id", "kind", "occurred_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "reference", "request_key", "review_reason", "reviewed_by_id", "reviewed_on", "state", "summary") SELECT new_values."agency_id", new_values."appeal_id", new_values."appeal_until", new_values."created_at", new_values."decided_on", new_values."drafted_by_id", new_values."id", new_values."incident_id", new_values."issued_by_id", new_values."kind", new_values."occurred_on", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."points", new_values."reference", new_values."request_key", new_values."review_reason", new_values."reviewed_by_id", new_values."reviewed_on", new_values."state", new_values."summary" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="96c830e6fd7ea44a7fae1149c7c2a3a46b15e147",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_3444b",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="agencies_violation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="violation",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_violationevent" ("agency_id", "appeal_id", "appeal_until", "created_at", "decided_on", "drafted_by_id", "id", "incident_id", "issued_by_id", "kind", "occurred_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "points", "reference", "request_key", "review_reason", "reviewed_by_id", "reviewed_on", "state", "summary") SELECT old_values."agency_id", old_values."appeal_id", old_values."appeal_until", old_values."created_at", old_values."decided_on", old_values."drafted_by_id", old_values."id", old_values."incident_id", old_values."issued_by_id", old_values."kind", old_values."occurred_on", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."points", old_values."reference", old_values."request_key", old_values."review_reason", old_values."reviewed_by_id", old_values."reviewed_on", old_values."state", old_values."summary" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="5fedaeebd1ef686853ccac796c480a7126c0dacd",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_10b1b",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="agencies_violation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agencyevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="cbbc27af7eaf7d061c9ac44b724cba285dde3720",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_79c25",
                    table="agencies_agencyevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="appeal",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_appealevent" ("agency_id", "decided_at", "due_on", "filed_at", "filed_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text") SELECT new_values."agency_id", new_values."decided_at", new_values."due_on", new_values."filed_at", new_values."filed_by_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."text" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="6967e7525fd5d875906204d0604bfe26878aac51",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0ee83",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="agencies_appeal",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="appeal",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_appealevent" ("agency_id", "decided_at", "due_on", "filed_at", "filed_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text") SELECT new_values."agency_id", new_values."decided_at", new_values."due_on", new_values."filed_at", new_values."filed_by_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."text" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="be2c7056e1d0da054fe29acd7fa2d9b317ee31d7",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ab8e8",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="agencies_appeal",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="appeal",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_appealevent" ("agency_id", "decided_at", "due_on", "filed_at", "filed_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text") SELECT old_values."agency_id", old_values."decided_at", old_values."due_on", old_values."filed_at", old_values."filed_by_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."text" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="820490ee45c8f08d6ee12b44a2c3fe4d7ef02dec",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_edfa2",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="agencies_appeal",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="appealevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f3b74ab22e88163852e9bb782f232fc03e551f7c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_b9e0b",
                    table="agencies_appealevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bindingevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="bcf62d325f3a420e8d38867c15f8d5ba5c03cb9b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_12763",
                    table="agencies_bindingevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bindingrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_bindingrequestevent" ("agency_id", "asked_at", "asked_by_id", "binding_id", "closed_at", "creator_id", "expires_at", "id", "message", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state") SELECT new_values."agency_id", new_values."asked_at", new_values."asked_by_id", new_values."binding_id", new_values."closed_at", new_values."creator_id", new_values."expires_at", new_values."id", new_values."message", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="bfb8a65365c0d706e4e0dccc1988f2582e662f81",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_31e2c",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="agencies_bindingrequest",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bindingrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_bindingrequestevent" ("agency_id", "asked_at", "asked_by_id", "binding_id", "closed_at", "creator_id", "expires_at", "id", "message", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state") SELECT new_values."agency_id", new_values."asked_at", new_values."asked_by_id", new_values."binding_id", new_values."closed_at", new_values."creator_id", new_values."expires_at", new_values."id", new_values."message", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="bcdd4599481d27d34e291f59d3b8a13cb0f2345b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_03f5c",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="agencies_bindingrequest",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bindingrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_bindingrequestevent" ("agency_id", "asked_at", "asked_by_id", "binding_id", "closed_at", "creator_id", "expires_at", "id", "message", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "state") SELECT old_values."agency_id", old_values."asked_at", old_values."asked_by_id", old_values."binding_id", old_values."closed_at", old_values."creator_id", old_values."expires_at", old_values."id", old_values."message", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="e026a797cc6ae192ef555628bbcddf2d33e9fd24",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_0432c",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="agencies_bindingrequest",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bindingrequestevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="8887226a5cfe57ec34a9962f54befb2e6ead539b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_15733",
                    table="agencies_bindingrequestevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="casefile",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_casefileevent" ("added_at", "added_by_id", "appeal_id", "content_type", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sha256", "size", "violation_id") SELECT new_values."added_at", new_values."added_by_id", new_values."appeal_id", new_values."content_type", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."sha256", new_values."size", new_values."violation_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="20ccc0ad7673c4cd478aed83800fd6d2bfd1d639",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_abecb",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="agencies_casefile",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="casefile",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_casefileevent" ("added_at", "added_by_id", "appeal_id", "content_type", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sha256", "size", "violation_id") SELECT new_values."added_at", new_values."added_by_id", new_values."appeal_id", new_values."content_type", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."sha256", new_values."size", new_values."violation_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."added_at" IS DISTINCT FROM (new_values."added_at") OR old_values."added_by_id" IS DISTINCT FROM (new_values."added_by_id") OR old_values."appeal_id" IS DISTINCT FROM (new_values."appeal_id") OR old_values."content_type" IS DISTINCT FROM (new_values."content_type") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."sha256" IS DISTINCT FROM (new_values."sha256") OR old_values."size" IS DISTINCT FROM (new_values."size") OR old_values."violation_id" IS DISTINCT FROM (new_values."violation_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="07d1ee7a6d81753a8ebde7e511da9a3fc87ea8d5",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_83140",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="agencies_casefile",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="casefile",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_casefileevent" ("added_at", "added_by_id", "appeal_id", "content_type", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sha256", "size", "violation_id") SELECT old_values."added_at", old_values."added_by_id", old_values."appeal_id", old_values."content_type", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."sha256", old_values."size", old_values."violation_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="c514a63da5dd75e89e66c39042b2840d094aea49",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_e41af",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="agencies_casefile",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="casefileevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="0293b9a1ccaebdff8d1e1413f77d8390a28d6a3f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_13e19",
                    table="agencies_casefileevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="conductevent",
            trigger=pgtrigger.compiler.Trigger(
                name="conduct_event_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="0f7948cc53afc9d4a9458ad54536aa9f3cbba572",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_conduct_event_kept_73212",
                    table="agencies_conductevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="incident",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_incidentevent" ("created_at", "created_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "title") SELECT new_values."created_at", new_values."created_by_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."title" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="9fb3a984632ad1a18c941050bad544ef0203f0d8",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_1b1f3",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="agencies_incident",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="incident",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_incidentevent" ("created_at", "created_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "title") SELECT new_values."created_at", new_values."created_by_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."title" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="5847c04f4c89e562a77627a35abac8a670ebccb4",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e897c",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="agencies_incident",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="incident",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_incidentevent" ("created_at", "created_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "title") SELECT old_values."created_at", old_values."created_by_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."title" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="2d191a88a64905e909893f3a6cfa1b485cae0516",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_772b0",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="agencies_incident",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="incidentevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="08a5ae3e909b9a84fdc4e6e0b27a75ad5e20aded",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_e8c0e",
                    table="agencies_incidentevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membershipevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="df835924b50d95a6db71abe79246756a9a4766b8",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_6e26b",
                    table="agencies_membershipevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="penalty",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_penaltyevent" ("account_id", "agency_id", "at_zero", "confirmed_by_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_by_id", "starts_on", "state", "until", "violation_id") SELECT new_values."account_id", new_values."agency_id", new_values."at_zero", new_values."confirmed_by_id", new_values."id", new_values."kind", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."proposed_by_id", new_values."starts_on", new_values."state", new_values."until", new_values."violation_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="52ab0547901d717301fe8584248c9c9f75b418d0",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a8b5d",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="agencies_penalty",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="penalty",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_penaltyevent" ("account_id", "agency_id", "at_zero", "confirmed_by_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_by_id", "starts_on", "state", "until", "violation_id") SELECT new_values."account_id", new_values."agency_id", new_values."at_zero", new_values."confirmed_by_id", new_values."id", new_values."kind", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."proposed_by_id", new_values."starts_on", new_values."state", new_values."until", new_values."violation_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="d172999297fdc8f8db0844b2482f1b7c7614b91d",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_93eab",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="agencies_penalty",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="penalty",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_penaltyevent" ("account_id", "agency_id", "at_zero", "confirmed_by_id", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_by_id", "starts_on", "state", "until", "violation_id") SELECT old_values."account_id", old_values."agency_id", old_values."at_zero", old_values."confirmed_by_id", old_values."id", old_values."kind", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."proposed_by_id", old_values."starts_on", old_values."state", old_values."until", old_values."violation_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="919889e04f30fdedd41ddae1c79743da51f8ace8",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6119f",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="agencies_penalty",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="penaltyevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ef3871edd9c8abb903aa0c38456a01ae8b51b143",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_f6668",
                    table="agencies_penaltyevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publicnotice",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_publicnoticeevent" ("created_at", "created_by_id", "first_day", "id", "introduction", "last_day", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id", "request_key", "state", "title") SELECT new_values."created_at", new_values."created_by_id", new_values."first_day", new_values."id", new_values."introduction", new_values."last_day", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."published_at", new_values."published_by_id", new_values."request_key", new_values."state", new_values."title" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="8c17bb4b2d137ca2d4702cc890c0be34101e8775",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_40088",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="agencies_publicnotice",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publicnotice",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_publicnoticeevent" ("created_at", "created_by_id", "first_day", "id", "introduction", "last_day", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id", "request_key", "state", "title") SELECT new_values."created_at", new_values."created_by_id", new_values."first_day", new_values."id", new_values."introduction", new_values."last_day", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."published_at", new_values."published_by_id", new_values."request_key", new_values."state", new_values."title" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="b370f551a7620e1abdd9ce560f73beb18516522e",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_59f27",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="agencies_publicnotice",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publicnotice",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_publicnoticeevent" ("created_at", "created_by_id", "first_day", "id", "introduction", "last_day", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id", "request_key", "state", "title") SELECT old_values."created_at", old_values."created_by_id", old_values."first_day", old_values."id", old_values."introduction", old_values."last_day", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."published_at", old_values."published_by_id", old_values."request_key", old_values."state", old_values."title" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="4cec21ce38dc6d75e76b8bc894e4be9af7a346ef",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f6fd3",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="agencies_publicnotice",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="noticeentryevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="97725f1ae1d6372670a0dc2d7e66812f2085ec91",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7453f",
                    table="agencies_noticeentryevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="noticeentry",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_noticeentryevent" ("agency_name", "applied", "corrected_on", "id", "measures", "notice_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "violation_id", "wording") SELECT new_values."agency_name", new_values."applied", new_values."corrected_on", new_values."id", new_values."measures", new_values."notice_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."violation_id", new_values."wording" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="d8f445e1eb23015dd8194cc60df892ee0cb2c243",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a1c29",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="agencies_noticeentry",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="noticeentry",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_noticeentryevent" ("agency_name", "applied", "corrected_on", "id", "measures", "notice_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "violation_id", "wording") SELECT new_values."agency_name", new_values."applied", new_values."corrected_on", new_values."id", new_values."measures", new_values."notice_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."violation_id", new_values."wording" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="6de7417e8716ceaeba2ca9dadc50aae3f56fc706",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c53d7",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="agencies_noticeentry",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="noticeentry",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_noticeentryevent" ("agency_name", "applied", "corrected_on", "id", "measures", "notice_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "violation_id", "wording") SELECT old_values."agency_name", old_values."applied", old_values."corrected_on", old_values."id", old_values."measures", old_values."notice_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."violation_id", old_values."wording" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="2e3644c4028957175bade2b075f340a3379edabb",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_974bb",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="agencies_noticeentry",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publicnoticeevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="9cafb66d88860e5521989e9117c35c17c37d3709",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_01f74",
                    table="agencies_publicnoticeevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="title",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_titleevent" ("agency_id", "granted_by_id", "granted_on", "id", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "withdrawn_on") SELECT new_values."agency_id", new_values."granted_by_id", new_values."granted_on", new_values."id", new_values."name_en", new_values."name_zh", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."withdrawn_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="b72e61fba90dfab461e814278e646c6a38605ad8",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_6a834",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="agencies_title",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="title",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_titleevent" ("agency_id", "granted_by_id", "granted_on", "id", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "withdrawn_on") SELECT new_values."agency_id", new_values."granted_by_id", new_values."granted_on", new_values."id", new_values."name_en", new_values."name_zh", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."withdrawn_on" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="3c9e807fb6dd03a919c90bc22f8300cfa593540b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4439b",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="agencies_title",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="title",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_titleevent" ("agency_id", "granted_by_id", "granted_on", "id", "name_en", "name_zh", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "withdrawn_on") SELECT old_values."agency_id", old_values."granted_by_id", old_values."granted_on", old_values."id", old_values."name_en", old_values."name_zh", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."withdrawn_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="da9eb6e47994200cc32eb7f917d4576201161ef9",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_19466",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="agencies_title",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="titleevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="852a4494f1e4b10d9cdbdca9fad5415a1308a199",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_aeb8d",
                    table="agencies_titleevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="unbinding",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_unbindingevent" ("asked_at", "asked_by_id", "binding_id", "called_in_at", "closed_at", "decision", "id", "objection", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "side", "silent_on", "state") SELECT new_values."asked_at", new_values."asked_by_id", new_values."binding_id", new_values."called_in_at", new_values."closed_at", new_values."decision", new_values."id", new_values."objection", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."side", new_values."silent_on", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="0a63a5be012a5000bef4ec91b00ea85decea4563",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_db49f",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="agencies_unbinding",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="unbinding",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_unbindingevent" ("asked_at", "asked_by_id", "binding_id", "called_in_at", "closed_at", "decision", "id", "objection", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "side", "silent_on", "state") SELECT new_values."asked_at", new_values."asked_by_id", new_values."binding_id", new_values."called_in_at", new_values."closed_at", new_values."decision", new_values."id", new_values."objection", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reason", new_values."side", new_values."silent_on", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="2ff91e47fcea4a4abd429f1b142e67b38eab2a33",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_03a53",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="agencies_unbinding",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="unbinding",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "agencies_unbindingevent" ("asked_at", "asked_by_id", "binding_id", "called_in_at", "closed_at", "decision", "id", "objection", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "side", "silent_on", "state") SELECT old_values."asked_at", old_values."asked_by_id", old_values."binding_id", old_values."called_in_at", old_values."closed_at", old_values."decision", old_values."id", old_values."objection", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."side", old_values."silent_on", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="538b27e958555ae63f2f5146c2c0b71928cad0e5",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_19543",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="agencies_unbinding",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="unbindingevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="59adac535df0e2f064126c587c8000c4e7133b6b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_4a27e",
                    table="agencies_unbindingevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="violationevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="d1eb46feb1b99f037d5be7c0cbef4676e2e4988f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_44cdb",
                    table="agencies_violationevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
