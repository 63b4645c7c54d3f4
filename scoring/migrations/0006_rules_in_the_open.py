import datetime

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0006_invitation"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("portal", "__first__"),
        ("scoring", "0005_days_with_facts"),
    ]

    operations = [
        migrations.CreateModel(
            name="BackTest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(verbose_name="text")),
                ("sha256", models.CharField(max_length=64, verbose_name="content")),
                (
                    "months",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateField(), size=None, verbose_name="months"
                    ),
                ),
                ("revisions", models.JSONField(default=dict, verbose_name="revisions")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked for"),
                            ("running", "Running"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                        ],
                        db_default="asked",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("attempt", models.PositiveIntegerField(db_default=0, verbose_name="attempt")),
                ("claimed_at", models.DateTimeField(null=True, verbose_name="claimed at")),
                (
                    "progress",
                    models.PositiveSmallIntegerField(db_default=0, verbose_name="progress (%)"),
                ),
                (
                    "error",
                    models.CharField(
                        blank=True, db_default="", max_length=300, verbose_name="last error"
                    ),
                ),
                ("ready_at", models.DateTimeField(null=True, verbose_name="ready at")),
                ("summary", models.JSONField(default=dict, verbose_name="summary")),
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
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="back_tests",
                        to="scoring.rulebookversion",
                        verbose_name="rulebook",
                    ),
                ),
            ],
            options={
                "verbose_name": "back-test",
                "verbose_name_plural": "back-tests",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["asked", "running", "ready", "failed"])),
                        name="back_test_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ready"), _negated=True),
                            ("ready_at__isnull", False),
                            _connector="OR",
                        ),
                        name="back_test_ready_is_complete",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "running"), _negated=True),
                            models.Q(("attempt__gte", 1), ("claimed_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="back_test_running_is_claimed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("months__len__gte", 1)), name="back_test_has_months"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consultation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("opens_at", models.DateTimeField(verbose_name="opens")),
                ("closes_at", models.DateTimeField(verbose_name="closes")),
                ("reasons_zh", models.TextField(max_length=5000, verbose_name="reasons (Chinese)")),
                ("reasons_en", models.TextField(max_length=5000, verbose_name="reasons (English)")),
                (
                    "summary_zh",
                    models.TextField(blank=True, max_length=5000, verbose_name="summary (Chinese)"),
                ),
                (
                    "summary_en",
                    models.TextField(blank=True, max_length=5000, verbose_name="summary (English)"),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="summary published at")),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="summary by",
                    ),
                ),
                (
                    "compared_with",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scoring.rulebookversion",
                        verbose_name="compared with",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="opened by",
                    ),
                ),
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consultation",
                        to="scoring.rulebookversion",
                        verbose_name="rulebook",
                    ),
                ),
            ],
            options={
                "verbose_name": "consultation",
                "verbose_name_plural": "consultations",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "closes_at__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("opens_at"),
                                    "+",
                                    models.Value(datetime.timedelta(days=7)),
                                ),
                            )
                        ),
                        name="consultation_at_least_seven_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reasons_zh", ""), _negated=True),
                            models.Q(("reasons_en", ""), _negated=True),
                        ),
                        name="consultation_gives_reasons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at", None),
                                ("closed_by", None),
                                ("summary_en", ""),
                                ("summary_zh", ""),
                            ),
                            models.Q(
                                ("closed_at__gte", models.F("closes_at")),
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                models.Q(("summary_zh", ""), _negated=True),
                                models.Q(("summary_en", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="consultation_closed_with_summary",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("version", models.F("compared_with")), _negated=True),
                        name="consultation_compares_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="data month")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("attribution", "Attribution: whose creator it was on these days"),
                            ("data", "Data: what the creator brought on these days"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "creator_code",
                    models.CharField(db_collation="C", max_length=32, verbose_name="creator"),
                ),
                ("first_day", models.DateField(verbose_name="first day")),
                ("last_day", models.DateField(verbose_name="last day")),
                ("text", models.TextField(max_length=2000, verbose_name="what is wrong")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waiting for an answer"),
                            ("accepted", "Accepted, correction under way"),
                            ("corrected", "Corrected"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        db_default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("filed_at", models.DateTimeField(verbose_name="filed at")),
                (
                    "answer",
                    models.TextField(
                        blank=True, db_default="", max_length=2000, verbose_name="answer"
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered at")),
                ("corrected_at", models.DateTimeField(null=True, verbose_name="corrected at")),
                ("request_key", models.UUIDField(editable=False, null=True, unique=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disputes",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                (
                    "corrected_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.importedfile",
                        verbose_name="corrected by the file",
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
                "verbose_name": "dispute",
                "verbose_name_plural": "disputes",
                "ordering": ["-id"],
                "permissions": [("answer_dispute", "Can answer disputes of provisional results")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["attribution", "data"])),
                        name="dispute_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["open", "accepted", "corrected", "rejected", "withdrawn"],
                            )
                        ),
                        name="dispute_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_day__gte", models.F("month")),
                            ("last_day__gte", models.F("first_day")),
                            ("month__day", 1),
                        ),
                        name="dispute_days_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="dispute_says_what"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                ("state__in", ["accepted", "corrected", "rejected"]),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(
                                    ("state__in", ["accepted", "corrected", "rejected"]),
                                    _negated=True,
                                ),
                                ("answer", ""),
                                ("answered_at", None),
                                ("answered_by", None),
                            ),
                            _connector="OR",
                        ),
                        name="dispute_answered_with_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("corrected_at__isnull", False), ("state", "corrected")),
                            models.Q(
                                models.Q(("state", "corrected"), _negated=True),
                                ("corrected_at", None),
                                ("corrected_by", None),
                            ),
                            _connector="OR",
                        ),
                        name="dispute_corrected_when",
                    ),
                ],
                "indexes": [models.Index(fields=["agency", "-id"], name="dispute_by_agency")],
            },
        ),
        migrations.CreateModel(
            name="GateRelease",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "result_digest",
                    models.CharField(max_length=64, verbose_name="digest of the result"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("confirmed", "Confirmed"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        db_default="proposed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                (
                    "note",
                    models.CharField(
                        blank=True, db_default="", max_length=500, verbose_name="note"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="releases",
                        to="scoring.evaluation",
                        verbose_name="evaluation",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "release of a held publication",
                "verbose_name_plural": "releases of held publications",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["proposed", "confirmed", "declined", "withdrawn"])
                        ),
                        name="gate_release_state_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")),
                        fields=("evaluation",),
                        name="gate_release_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None), ("decided_by", None), ("state", "proposed")
                            ),
                            models.Q(
                                models.Q(("state", "proposed"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="gate_release_decided_unless_proposed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "confirmed"), _negated=True),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="gate_release_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="gate_release_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Retraction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("days", models.PositiveIntegerField(verbose_name="days")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "imported",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retraction",
                        to="agencies.importedfile",
                        verbose_name="import",
                    ),
                ),
            ],
            options={
                "verbose_name": "import taken back",
                "verbose_name_plural": "imports taken back",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="retraction_has_a_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RulebookVersionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("version", models.CharField(max_length=64, verbose_name="version")),
                ("effective_from", models.DateField(verbose_name="effective from")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("consultation", "In consultation"),
                            ("scheduled", "Scheduled"),
                            ("in_force", "In force"),
                            ("retired", "Retired"),
                        ],
                        db_default="draft",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("text", models.TextField(verbose_name="text")),
                ("sha256", models.CharField(max_length=64, verbose_name="content")),
                ("created_at", models.DateTimeField(verbose_name="stored at")),
                ("activated_at", models.DateTimeField(null=True, verbose_name="put in force at")),
                ("proposed_at", models.DateTimeField(null=True, verbose_name="proposed at")),
                ("approved_at", models.DateTimeField(null=True, verbose_name="approved at")),
                ("retired_at", models.DateTimeField(null=True, verbose_name="retired at")),
                (
                    "actor",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
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
                        to="scoring.rulebookversion",
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="StaleMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("routine", "The month's regular evaluation"),
                            ("facts", "Promotion data arrived late or was corrected"),
                            ("bindings", "Bindings of creators were corrected"),
                            ("credit", "Decisions on violations or credit changed"),
                            ("appeal", "An appeal was decided"),
                            ("rules", "Another version of the rules counts for the month"),
                            ("check", "The platform computed the month again"),
                        ],
                        max_length=10,
                        verbose_name="cause",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                ("first", models.DateField(verbose_name="first day")),
                ("last", models.DateField(null=True, verbose_name="last day")),
                ("about", models.JSONField(default=dict, verbose_name="about")),
                (
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="marks",
                        to="scoring.evaluation",
                        verbose_name="evaluation",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of inputs",
                "verbose_name_plural": "changes of inputs",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "cause__in",
                                [
                                    "routine",
                                    "facts",
                                    "bindings",
                                    "credit",
                                    "appeal",
                                    "rules",
                                    "check",
                                ],
                            )
                        ),
                        name="stale_mark_cause_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last", None), ("last__gte", models.F("first")), _connector="OR"
                        ),
                        name="stale_mark_days_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Upload",
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
                            ("agencies", "Agencies"),
                            ("creators", "Creators"),
                            ("bindings", "Bindings"),
                            ("facts", "Promotion facts"),
                            ("violations", "Violations"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=255, verbose_name="file")),
                ("sha256", models.CharField(max_length=64, verbose_name="content")),
                ("size", models.PositiveBigIntegerField(verbose_name="bytes")),
                ("again", models.BooleanField(db_default=False, verbose_name="apply once more")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Being imported"),
                            ("done", "Imported"),
                            ("repeated", "Imported before"),
                            ("refused", "Refused"),
                            ("failed", "Failed"),
                            ("stopped", "Stopped"),
                        ],
                        db_default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("uploaded_at", models.DateTimeField(verbose_name="uploaded at")),
                ("attempt", models.PositiveIntegerField(db_default=0, verbose_name="attempt")),
                ("claimed_at", models.DateTimeField(null=True, verbose_name="claimed at")),
                ("beat_at", models.DateTimeField(null=True, verbose_name="last sign of life")),
                (
                    "step",
                    models.CharField(blank=True, db_default="", max_length=40, verbose_name="step"),
                ),
                (
                    "progress",
                    models.PositiveSmallIntegerField(db_default=0, verbose_name="progress (%)"),
                ),
                (
                    "error",
                    models.CharField(
                        blank=True, db_default="", max_length=2000, verbose_name="last error"
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "imported",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uploads",
                        to="agencies.importedfile",
                        verbose_name="entry of the register",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "upload",
                "verbose_name_plural": "uploads",
                "ordering": ["-id"],
                "permissions": [("import_files", "Can import files and take imports back")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["agencies", "creators", "bindings", "facts", "violations"],
                            )
                        ),
                        name="upload_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "waiting",
                                    "running",
                                    "done",
                                    "repeated",
                                    "refused",
                                    "failed",
                                    "stopped",
                                ],
                            )
                        ),
                        name="upload_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["done", "repeated"]), _negated=True),
                            ("imported__isnull", False),
                            _connector="OR",
                        ),
                        name="upload_done_is_registered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "running"), _negated=True),
                            models.Q(("attempt__gte", 1), ("claimed_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="upload_running_is_claimed",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=("kind", "sha256"),
                        name="upload_waiting_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RulebookWithdrawal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason_zh", models.CharField(max_length=500, verbose_name="reason (Chinese)")),
                ("reason_en", models.CharField(max_length=500, verbose_name="reason (English)")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawals",
                        to="scoring.rulebookversion",
                        verbose_name="rulebook",
                    ),
                ),
            ],
            options={
                "verbose_name": "withdrawal of a rulebook",
                "verbose_name_plural": "withdrawals of rulebooks",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason_zh", ""), _negated=True),
                            models.Q(("reason_en", ""), _negated=True),
                        ),
                        name="rulebook_withdrawal_gives_reasons",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BackTestResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(verbose_name="data month")),
                (
                    "stage_before",
                    models.CharField(
                        choices=[
                            ("novice", "Novice stage"),
                            ("observation", "Observation stage"),
                            ("assessed", "Assessed stage"),
                        ],
                        max_length=16,
                    ),
                ),
                ("level_before", models.CharField(blank=True, max_length=8)),
                ("total_before", models.DecimalField(decimal_places=2, max_digits=7, null=True)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("novice", "Novice stage"),
                            ("observation", "Observation stage"),
                            ("assessed", "Assessed stage"),
                        ],
                        max_length=16,
                        verbose_name="stage",
                    ),
                ),
                ("level", models.CharField(blank=True, max_length=8, verbose_name="level")),
                (
                    "total",
                    models.DecimalField(
                        decimal_places=2, max_digits=7, null=True, verbose_name="total"
                    ),
                ),
                ("points", models.JSONField(default=dict, verbose_name="points by indicator")),
                ("moved_by", models.CharField(blank=True, max_length=32, verbose_name="moved by")),
                ("strength_before", models.PositiveIntegerField(null=True)),
                ("strength", models.PositiveIntegerField(null=True)),
                ("growth_before", models.PositiveIntegerField(null=True)),
                ("growth", models.PositiveIntegerField(null=True)),
                ("creators", models.PositiveIntegerField(null=True, verbose_name="bound creators")),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "back_test",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="results",
                        to="scoring.backtest",
                        verbose_name="back-test",
                    ),
                ),
            ],
            options={
                "verbose_name": "result of a back-test",
                "verbose_name_plural": "results of back-tests",
                "ordering": ["back_test_id", "month", "agency_id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("back_test", "month", "agency"), name="back_test_result_once"
                    )
                ],
                "indexes": [
                    models.Index(
                        models.F("back_test"),
                        models.OrderBy(models.F("month"), descending=True),
                        django.db.models.expressions.CombinedExpression(
                            models.F("total"), "-", models.F("total_before")
                        ),
                        condition=models.Q(
                            ("level", models.F("level_before")),
                            ("stage", models.F("stage_before")),
                            _negated=True,
                        ),
                        name="back_test_movers",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsultationComment",
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
                ("text", models.TextField(max_length=2000, verbose_name="comment")),
                ("at", models.DateTimeField(verbose_name="written at")),
                (
                    "answer_zh",
                    models.TextField(blank=True, max_length=2000, verbose_name="answer (Chinese)"),
                ),
                (
                    "answer_en",
                    models.TextField(blank=True, max_length=2000, verbose_name="answer (English)"),
                ),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered at")),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to="agencies.agency",
                        verbose_name="agency",
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
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
                    "consultation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to="scoring.consultation",
                        verbose_name="consultation",
                    ),
                ),
            ],
            options={
                "verbose_name": "comment",
                "verbose_name_plural": "comments",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="comment_says_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer_en", ""),
                                ("answer_zh", ""),
                                ("answered_at", None),
                                ("answered_by", None),
                            ),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                models.Q(("answer_zh", ""), _negated=True),
                                models.Q(("answer_en", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="comment_answered_in_both_languages",
                    ),
                    models.UniqueConstraint(
                        fields=("consultation", "agency", "clause", "text"), name="comment_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsultationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("opens_at", models.DateTimeField(verbose_name="opens")),
                ("closes_at", models.DateTimeField(verbose_name="closes")),
                ("reasons_zh", models.TextField(max_length=5000, verbose_name="reasons (Chinese)")),
                ("reasons_en", models.TextField(max_length=5000, verbose_name="reasons (English)")),
                (
                    "summary_zh",
                    models.TextField(blank=True, max_length=5000, verbose_name="summary (Chinese)"),
                ),
                (
                    "summary_en",
                    models.TextField(blank=True, max_length=5000, verbose_name="summary (English)"),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="summary published at")),
                (
                    "closed_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="summary by",
                    ),
                ),
                (
                    "compared_with",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scoring.rulebookversion",
                        verbose_name="compared with",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="opened by",
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
                        to="scoring.consultation",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scoring.rulebookversion",
                        verbose_name="rulebook",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DisputeEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("month", models.DateField(verbose_name="data month")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("attribution", "Attribution: whose creator it was on these days"),
                            ("data", "Data: what the creator brought on these days"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "creator_code",
                    models.CharField(db_collation="C", max_length=32, verbose_name="creator"),
                ),
                ("first_day", models.DateField(verbose_name="first day")),
                ("last_day", models.DateField(verbose_name="last day")),
                ("text", models.TextField(max_length=2000, verbose_name="what is wrong")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waiting for an answer"),
                            ("accepted", "Accepted, correction under way"),
                            ("corrected", "Corrected"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        db_default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("filed_at", models.DateTimeField(verbose_name="filed at")),
                (
                    "answer",
                    models.TextField(
                        blank=True, db_default="", max_length=2000, verbose_name="answer"
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered at")),
                ("corrected_at", models.DateTimeField(null=True, verbose_name="corrected at")),
                ("request_key", models.UUIDField(editable=False, null=True)),
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
                    "answered_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                (
                    "corrected_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="agencies.importedfile",
                        verbose_name="corrected by the file",
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
                        to="scoring.dispute",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DisputeFile",
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
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="scoring.dispute",
                        verbose_name="dispute",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of a dispute",
                "verbose_name_plural": "files of disputes",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("dispute", "sha256"), name="dispute_file_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsultationCommentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "clause",
                    models.CharField(
                        blank=True, db_default="", max_length=100, verbose_name="clause"
                    ),
                ),
                ("text", models.TextField(max_length=2000, verbose_name="comment")),
                ("at", models.DateTimeField(verbose_name="written at")),
                (
                    "answer_zh",
                    models.TextField(blank=True, max_length=2000, verbose_name="answer (Chinese)"),
                ),
                (
                    "answer_en",
                    models.TextField(blank=True, max_length=2000, verbose_name="answer (English)"),
                ),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered at")),
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
                    "answered_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                (
                    "author",
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
                    "consultation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="scoring.consultation",
                        verbose_name="consultation",
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
                        to="scoring.consultationcomment",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AlterModelOptions(
            name="rulebookversion",
            options={
                "ordering": ["-effective_from", "-id"],
                "permissions": [
                    ("manage_rulebook", "Can draft rules, consult on them and put them in force")
                ],
                "verbose_name": "rulebook version",
                "verbose_name_plural": "rulebook versions",
            },
        ),
        migrations.RemoveConstraint(
            model_name="rulebookversion",
            name="rulebook_one_in_force_per_start",
        ),
        migrations.RemoveConstraint(
            model_name="rulebookversion",
            name="rulebook_state_known",
        ),
        migrations.AddField(
            model_name="assessment",
            name="contested",
            field=models.PositiveIntegerField(db_default=0, verbose_name="points under appeal"),
        ),
        migrations.AddField(
            model_name="assessment",
            name="held",
            field=models.BooleanField(db_default=False, verbose_name="fall held"),
        ),
        migrations.AddField(
            model_name="assessment",
            name="level_before",
            field=models.CharField(
                blank=True, db_default="", max_length=8, verbose_name="level before"
            ),
        ),
        migrations.AddField(
            model_name="evaluation",
            name="cause",
            field=models.CharField(
                choices=[
                    ("routine", "The month's regular evaluation"),
                    ("facts", "Promotion data arrived late or was corrected"),
                    ("bindings", "Bindings of creators were corrected"),
                    ("credit", "Decisions on violations or credit changed"),
                    ("appeal", "An appeal was decided"),
                    ("rules", "Another version of the rules counts for the month"),
                    ("check", "The platform computed the month again"),
                ],
                db_default="routine",
                max_length=10,
                verbose_name="cause",
            ),
        ),
        migrations.AddField(
            model_name="factpart",
            name="copies",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="copied_by",
                to="scoring.factpart",
                verbose_name="brings back",
            ),
        ),
        migrations.AddField(
            model_name="rulebookversion",
            name="approved_at",
            field=models.DateTimeField(null=True, verbose_name="approved at"),
        ),
        migrations.AddField(
            model_name="rulebookversion",
            name="approved_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="approved by",
            ),
        ),
        migrations.AddField(
            model_name="rulebookversion",
            name="proposed_at",
            field=models.DateTimeField(null=True, verbose_name="proposed at"),
        ),
        migrations.AddField(
            model_name="rulebookversion",
            name="proposed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="proposed by",
            ),
        ),
        migrations.AddField(
            model_name="rulebookversion",
            name="retired_at",
            field=models.DateTimeField(null=True, verbose_name="retired at"),
        ),
        migrations.AlterField(
            model_name="rulebookversion",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("consultation", "In consultation"),
                    ("scheduled", "Scheduled"),
                    ("in_force", "In force"),
                    ("retired", "Retired"),
                ],
                db_default="draft",
                max_length=12,
                verbose_name="state",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("held", False),
                    models.Q(
                        ("contested__gt", 0),
                        ("stage", "assessed"),
                        models.Q(("level_before", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="assessment_held_by_an_appeal",
            ),
        ),
        migrations.AddConstraint(
            model_name="evaluation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "cause__in",
                        ["routine", "facts", "bindings", "credit", "appeal", "rules", "check"],
                    )
                ),
                name="evaluation_cause_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebookversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["scheduled", "in_force"])),
                fields=("effective_from",),
                name="rulebook_one_in_force_per_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebookversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["draft", "consultation", "scheduled", "in_force", "retired"])
                ),
                name="rulebook_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebookversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at", None), ("approved_by", None)),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("approved_by__isnull", False),
                        ("proposed_by__isnull", False),
                        models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="rulebook_approved_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebookversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("proposed_at", None), ("proposed_by", None)),
                    models.Q(("proposed_at__isnull", False), ("proposed_by__isnull", False)),
                    _connector="OR",
                ),
                name="rulebook_proposed_with_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebookversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["scheduled", "in_force"]), _negated=True),
                    ("activated_at__isnull", False),
                    _connector="OR",
                ),
                name="rulebook_counting_was_activated",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rulebookversion",
            trigger=pgtrigger.compiler.Trigger(
                name="rulebook_text_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."state" IN (\'consultation\', \'scheduled\', \'in_force\', \'retired\') AND (OLD."text" IS DISTINCT FROM (NEW."text") OR OLD."version" IS DISTINCT FROM (NEW."version") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256") OR OLD."effective_from" IS DISTINCT FROM (NEW."effective_from")))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="3eeb04587a56baec51edbc9d6cfb9fb342a87cf2",
                    operation="UPDATE",
                    pgid="pgtrigger_rulebook_text_kept_47b08",
                    table="scoring_rulebookversion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rulebookversion",
            trigger=pgtrigger.compiler.Trigger(
                name="rulebook_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"state\" IN ('consultation', 'scheduled', 'in_force', 'retired'))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="10f82ed79a8fc0d273ed461a6fa35b78300cc5cd",
                    operation="DELETE",
                    pgid="pgtrigger_rulebook_kept_149ed",
                    table="scoring_rulebookversion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rulebookversion",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "scoring_rulebookversionevent" ("activated_at", "actor_id", "approved_at", "approved_by_id", "created_at", "effective_from", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_at", "proposed_by_id", "retired_at", "sha256", "state", "text", "version") SELECT new_values."activated_at", new_values."actor_id", new_values."approved_at", new_values."approved_by_id", new_values."created_at", new_values."effective_from", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."proposed_at", new_values."proposed_by_id", new_values."retired_at", new_values."sha256", new_values."state", new_values."text", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="9c73e7e7afa1a8fe5af23568c60a3d8d64ffe3b4",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_f6af3",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="scoring_rulebookversion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rulebookversion",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "scoring_rulebookversionevent" ("activated_at", "actor_id", "approved_at", "approved_by_id", "created_at", "effective_from", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_at", "proposed_by_id", "retired_at", "sha256", "state", "text", "version") SELECT new_values."activated_at", new_values."actor_id", new_values."approved_at", new_values."approved_by_id", new_values."created_at", new_values."effective_from", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."proposed_at", new_values."proposed_by_id", new_values."retired_at", new_values."sha256", new_values."state", new_values."text", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="a2a6270293791c26df479879072a79ae03ec4c2f",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b2972",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="scoring_rulebookversion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rulebookversion",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "scoring_rulebookversionevent" ("activated_at", "actor_id", "approved_at", "approved_by_id", "created_at", "effective_from", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "proposed_at", "proposed_by_id", "retired_at", "sha256", "state", "text", "version") SELECT old_values."activated_at", old_values."actor_id", old_values."approved_at", old_values."approved_by_id", old_values."created_at", old_values."effective_from", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."proposed_at", old_values."proposed_by_id", old_values."retired_at", old_values."sha256", old_values."state", old_values."text", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="baf57c4bf3aae8a8103e772cf206e30a1b40cda3",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_96428",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="scoring_rulebookversion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consultation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "scoring_consultationevent" ("closed_at", "closed_by_id", "closes_at", "compared_with_id", "id", "opened_by_id", "opens_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reasons_en", "reasons_zh", "summary_en", "summary_zh", "version_id") SELECT new_values."closed_at", new_values."closed_by_id", new_values."closes_at", new_values."compared_with_id", new_values."id", new_values."opened_by_id", new_values."opens_at", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reasons_en", new_values."reasons_zh", new_values."summary_en", new_values."summary_zh", new_values."version_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="8be952da7322e5f9364431e016f528ead395e1db",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_db323",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="scoring_consultation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consultation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "scoring_consultationevent" ("closed_at", "closed_by_id", "closes_at", "compared_with_id", "id", "opened_by_id", "opens_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reasons_en", "reasons_zh", "summary_en", "summary_zh", "version_id") SELECT new_values."closed_at", new_values."closed_by_id", new_values."closes_at", new_values."compared_with_id", new_values."id", new_values."opened_by_id", new_values."opens_at", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reasons_en", new_values."reasons_zh", new_values."summary_en", new_values."summary_zh", new_values."version_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="4bd5dab0b0fb46b85f6ec605d9d2667da5561b3f",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_171ba",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="scoring_consultation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consultation",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "scoring_consultationevent" ("closed_at", "closed_by_id", "closes_at", "compared_with_id", "id", "opened_by_id", "opens_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reasons_en", "reasons_zh", "summary_en", "summary_zh", "version_id") SELECT old_values."closed_at", old_values."closed_by_id", old_values."closes_at", old_values."compared_with_id", old_values."id", old_values."opened_by_id", old_values."opens_at", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reasons_en", old_values."reasons_zh", old_values."summary_en", old_values."summary_zh", old_values."version_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="912afe5f8d8bcb94f528862a34084e8bbea178f6",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_353ba",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="scoring_consultation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consultationcomment",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "scoring_consultationcommentevent" ("agency_id", "answer_en", "answer_zh", "answered_at", "answered_by_id", "at", "author_id", "clause", "consultation_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text") SELECT new_values."agency_id", new_values."answer_en", new_values."answer_zh", new_values."answered_at", new_values."answered_by_id", new_values."at", new_values."author_id", new_values."clause", new_values."consultation_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."text" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="be41bed506bca3fbfcf99423ab8fc4c640ef0134",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_93c98",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="scoring_consultationcomment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consultationcomment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "scoring_consultationcommentevent" ("agency_id", "answer_en", "answer_zh", "answered_at", "answered_by_id", "at", "author_id", "clause", "consultation_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text") SELECT new_values."agency_id", new_values."answer_en", new_values."answer_zh", new_values."answered_at", new_values."answered_by_id", new_values."at", new_values."author_id", new_values."clause", new_values."consultation_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."text" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="5369431f231537fa710972a6ee2f99334adc3388",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6da1d",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="scoring_consultationcomment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consultationcomment",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "scoring_consultationcommentevent" ("agency_id", "answer_en", "answer_zh", "answered_at", "answered_by_id", "at", "author_id", "clause", "consultation_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text") SELECT old_values."agency_id", old_values."answer_en", old_values."answer_zh", old_values."answered_at", old_values."answered_by_id", old_values."at", old_values."author_id", old_values."clause", old_values."consultation_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."text" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="84b2cbb14b7ae6d8d94b62e25c1f370b7c9deb97",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_caa78",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="scoring_consultationcomment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consultationcommentevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4eaf73b6507e5ad7dce33bb21bd06d44eba641a3",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7928b",
                    table="scoring_consultationcommentevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="consultationevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="38420147df7af39e8bd54570360ce3aa12cb4d42",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_96b62",
                    table="scoring_consultationevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dispute",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "scoring_disputeevent" ("agency_id", "answer", "answered_at", "answered_by_id", "corrected_at", "corrected_by_id", "creator_code", "filed_at", "filed_by_id", "first_day", "id", "kind", "last_day", "month", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "request_key", "state", "text") SELECT new_values."agency_id", new_values."answer", new_values."answered_at", new_values."answered_by_id", new_values."corrected_at", new_values."corrected_by_id", new_values."creator_code", new_values."filed_at", new_values."filed_by_id", new_values."first_day", new_values."id", new_values."kind", new_values."last_day", new_values."month", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."request_key", new_values."state", new_values."text" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="3658b510c517a7e08800a89e4516eb0f07e294a4",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_5f6a4",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="scoring_dispute",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dispute",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "scoring_disputeevent" ("agency_id", "answer", "answered_at", "answered_by_id", "corrected_at", "corrected_by_id", "creator_code", "filed_at", "filed_by_id", "first_day", "id", "kind", "last_day", "month", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "request_key", "state", "text") SELECT new_values."agency_id", new_values."answer", new_values."answered_at", new_values."answered_by_id", new_values."corrected_at", new_values."corrected_by_id", new_values."creator_code", new_values."filed_at", new_values."filed_by_id", new_values."first_day", new_values."id", new_values."kind", new_values."last_day", new_values."month", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."request_key", new_values."state", new_values."text" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="cf10aa752111dfb36317ac5f11e4389b3ad0a58c",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d6d08",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="scoring_dispute",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dispute",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "scoring_disputeevent" ("agency_id", "answer", "answered_at", "answered_by_id", "corrected_at", "corrected_by_id", "creator_code", "filed_at", "filed_by_id", "first_day", "id", "kind", "last_day", "month", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "request_key", "state", "text") SELECT old_values."agency_id", old_values."answer", old_values."answered_at", old_values."answered_by_id", old_values."corrected_at", old_values."corrected_by_id", old_values."creator_code", old_values."filed_at", old_values."filed_by_id", old_values."first_day", old_values."id", old_values."kind", old_values."last_day", old_values."month", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."request_key", old_values."state", old_values."text" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="cc2c57a48e070052e3fa4ff8f0efb5af6545f505",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_d31da",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="scoring_dispute",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="disputeevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="0e9f6e47094c0dfa72843dc3d4520b740222078b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_13fc5",
                    table="scoring_disputeevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rulebookversionevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c9a5faf6e51d59a9b4607f365675d0c4dca40243",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_8284c",
                    table="scoring_rulebookversionevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stalemark",
            trigger=pgtrigger.compiler.Trigger(
                name="stale_mark_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="0fca23a740edf13dd03f03bfdacb1ffadd111864",
                    operation="UPDATE",
                    pgid="pgtrigger_stale_mark_kept_92ddf",
                    table="scoring_stalemark",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rulebookwithdrawal",
            trigger=pgtrigger.compiler.Trigger(
                name="rulebook_withdrawal_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="6c295a71702f48b645b29593c11032820950ab0e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rulebook_withdrawal_kept_9fa4a",
                    table="scoring_rulebookwithdrawal",
                    when="BEFORE",
                ),
            ),
        ),
    ]
