import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agencies", "0006_invitation"),
        ("portal", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="StarPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("selected_at", models.DateTimeField(verbose_name="selected at")),
                (
                    "reason",
                    models.CharField(
                        blank=True, db_default="", max_length=500, verbose_name="why selected"
                    ),
                ),
                (
                    "told_phase",
                    models.CharField(blank=True, db_default="", editable=False, max_length=11),
                ),
                ("left_on", models.DateField(null=True, verbose_name="left on")),
                (
                    "leave_reason",
                    models.CharField(
                        blank=True, db_default="", max_length=500, verbose_name="why left"
                    ),
                ),
                (
                    "creator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="star_plans",
                        to="agencies.creator",
                        verbose_name="creator",
                    ),
                ),
                (
                    "left_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "selected_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="selected by",
                    ),
                ),
            ],
            options={
                "verbose_name": "creator in the Star Source plan",
                "verbose_name_plural": "creators in the Star Source plan",
                "ordering": ["-id"],
                "permissions": [("manage_star_source", "Can run the Star Source plan")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_on", None)),
                        fields=("creator",),
                        name="star_plan_one_per_creator",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("leave_reason", ""), ("left_by", None), ("left_on", None)),
                            models.Q(
                                ("left_by__isnull", False),
                                ("left_on__isnull", False),
                                models.Q(("leave_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="star_plan_left_with_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StarIncentive",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "phase",
                    models.CharField(
                        choices=[
                            ("before", "Before the plan begins"),
                            ("preparation", "Preparation"),
                            ("trial", "Trial run"),
                            ("development", "Development"),
                            ("mature", "Mature"),
                        ],
                        max_length=11,
                        verbose_name="phase",
                    ),
                ),
                ("given_on", models.DateField(verbose_name="given on")),
                ("what", models.CharField(max_length=200, verbose_name="what")),
                ("amount", models.PositiveBigIntegerField(verbose_name="impressions")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                ("cancelled_at", models.DateTimeField(null=True, verbose_name="cancelled at")),
                (
                    "cancel_reason",
                    models.CharField(
                        blank=True, db_default="", max_length=500, verbose_name="why cancelled"
                    ),
                ),
                ("request_key", models.UUIDField(editable=False, null=True, unique=True)),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="incentives",
                        to="agencies.starplan",
                        verbose_name="plan",
                    ),
                ),
            ],
            options={
                "verbose_name": "traffic incentive",
                "verbose_name_plural": "traffic incentives",
                "ordering": ["-given_on", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gte", 1),
                            (
                                "phase__in",
                                ["before", "preparation", "trial", "development", "mature"],
                            ),
                            models.Q(("what", ""), _negated=True),
                        ),
                        name="star_incentive_says_what",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("cancel_reason", ""),
                                ("cancelled_at", None),
                                ("cancelled_by", None),
                            ),
                            models.Q(
                                ("cancelled_at__isnull", False),
                                ("cancelled_by__isnull", False),
                                models.Q(("cancel_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="star_incentive_cancelled_with_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StarAnchor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_live_on", models.DateField(verbose_name="first live day")),
                (
                    "preparation_days",
                    models.PositiveSmallIntegerField(verbose_name="days of preparation"),
                ),
                ("trial_days", models.PositiveSmallIntegerField(verbose_name="days of trial")),
                (
                    "development_days",
                    models.PositiveSmallIntegerField(verbose_name="days of development"),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, db_default="", max_length=500, verbose_name="reason"
                    ),
                ),
                ("set_at", models.DateTimeField(verbose_name="set at")),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="set by",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="anchors",
                        to="agencies.starplan",
                        verbose_name="plan",
                    ),
                ),
            ],
            options={
                "verbose_name": "first live day",
                "verbose_name_plural": "first live days",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("development_days__gte", 1),
                            ("preparation_days__gte", 1),
                            ("trial_days__gte", 1),
                        ),
                        name="star_anchor_phases_last",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StarSupport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("item", models.CharField(max_length=40, verbose_name="support")),
                (
                    "note",
                    models.CharField(
                        blank=True, db_default="", max_length=500, verbose_name="note"
                    ),
                ),
                ("done_at", models.DateTimeField(verbose_name="done at")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="taken back at")),
                (
                    "done_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="done by",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="support",
                        to="agencies.starplan",
                        verbose_name="plan",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "support given",
                "verbose_name_plural": "support given",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)),
                        fields=("plan", "item"),
                        name="star_support_done_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("undone_at", None), ("undone_by", None)),
                            models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="star_support_taken_back_by",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="staranchor",
            trigger=pgtrigger.compiler.Trigger(
                name="star_anchor_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a23713f786f4edca133cc0c003e26f516092fcdf",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_star_anchor_kept_6a15f",
                    table="agencies_staranchor",
                    when="BEFORE",
                ),
            ),
        ),
    ]
