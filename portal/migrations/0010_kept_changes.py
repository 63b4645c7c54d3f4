import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("portal", "0009_people_around_the_level"),
    ]

    operations = [
        migrations.CreateModel(
            name="CannedAnswerEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=120, verbose_name="name")),
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
                        to="portal.cannedanswer",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ContactPersonEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
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
                        to="portal.contactperson",
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
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="EventEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
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
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
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
                        to="portal.event",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="HelpArticleEvent",
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
                ("title_zh", models.CharField(max_length=200, verbose_name="question in Chinese")),
                ("title_en", models.CharField(max_length=200, verbose_name="question in English")),
                ("text_zh", models.TextField(max_length=5000, verbose_name="answer in Chinese")),
                ("text_en", models.TextField(max_length=5000, verbose_name="answer in English")),
                ("is_published", models.BooleanField(default=False, verbose_name="published")),
                ("changed_at", models.DateTimeField(verbose_name="changed at")),
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
                        to="portal.helparticle",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="portal.question",
                        verbose_name="question",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ServiceDayEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("day", models.DateField(verbose_name="day")),
                ("name", models.CharField(max_length=100, verbose_name="why")),
                ("opens", models.TimeField(blank=True, null=True, verbose_name="opens")),
                ("closes", models.TimeField(blank=True, null=True, verbose_name="closes")),
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
                        to="portal.serviceday",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ServiceHoursEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
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
                        verbose_name="weekday",
                    ),
                ),
                ("opens", models.TimeField(verbose_name="opens")),
                ("closes", models.TimeField(verbose_name="closes")),
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
                        to="portal.servicehours",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ServiceTargetEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("key", models.CharField(max_length=20, verbose_name="level or stage")),
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
                        to="portal.servicetarget",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="cannedanswer",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_cannedanswerevent" ("changed_at", "clause", "id", "is_active", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text_en", "text_zh", "written_by_id") SELECT new_values."changed_at", new_values."clause", new_values."id", new_values."is_active", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."text_en", new_values."text_zh", new_values."written_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="61998cd0589ab0771f91717dae91672c65bba975",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b1e08",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="portal_cannedanswer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="cannedanswer",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_cannedanswerevent" ("changed_at", "clause", "id", "is_active", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text_en", "text_zh", "written_by_id") SELECT new_values."changed_at", new_values."clause", new_values."id", new_values."is_active", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."text_en", new_values."text_zh", new_values."written_by_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="9bf8ec737d3100960e8d316594ea3a6bf2c309cf",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_5dda4",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="portal_cannedanswer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="cannedanswer",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_cannedanswerevent" ("changed_at", "clause", "id", "is_active", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "text_en", "text_zh", "written_by_id") SELECT old_values."changed_at", old_values."clause", old_values."id", old_values."is_active", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."text_en", old_values."text_zh", old_values."written_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="f7c254d9d8da7e13591f44221bf7a017120e230a",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_e7b22",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="portal_cannedanswer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactperson",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_contactpersonevent" ("email", "id", "is_active", "kind", "most", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "user_id", "wechat") SELECT new_values."email", new_values."id", new_values."is_active", new_values."kind", new_values."most", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."phone", new_values."user_id", new_values."wechat" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="ce9b224bd9ca3e6d302d5dd74005e5dad1189f8a",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_58fc7",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="portal_contactperson",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactperson",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_contactpersonevent" ("email", "id", "is_active", "kind", "most", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "user_id", "wechat") SELECT new_values."email", new_values."id", new_values."is_active", new_values."kind", new_values."most", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."phone", new_values."user_id", new_values."wechat" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="63086c3cc809c9e2b3b3e3c16322329d4e0b91fc",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b17eb",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="portal_contactperson",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactperson",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_contactpersonevent" ("email", "id", "is_active", "kind", "most", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "user_id", "wechat") SELECT old_values."email", old_values."id", old_values."is_active", old_values."kind", old_values."most", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."user_id", old_values."wechat" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="902433e89606b7d0ed4aca8b9b734181d3735640",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a83d9",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="portal_contactperson",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="event",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_eventevent" ("cancel_reason", "changed_at", "city_en", "city_zh", "created_by_id", "ends_at", "id", "most_per_agency", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "register_until", "seats", "sequence", "starts_at", "state", "text_en", "text_zh", "title_en", "title_zh", "venue_en", "venue_zh") SELECT new_values."cancel_reason", new_values."changed_at", new_values."city_en", new_values."city_zh", new_values."created_by_id", new_values."ends_at", new_values."id", new_values."most_per_agency", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."register_until", new_values."seats", new_values."sequence", new_values."starts_at", new_values."state", new_values."text_en", new_values."text_zh", new_values."title_en", new_values."title_zh", new_values."venue_en", new_values."venue_zh" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="75e126fb723a6803b64dfa5aa4be647325cbc7ed",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b9f74",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="portal_event",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="event",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_eventevent" ("cancel_reason", "changed_at", "city_en", "city_zh", "created_by_id", "ends_at", "id", "most_per_agency", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "register_until", "seats", "sequence", "starts_at", "state", "text_en", "text_zh", "title_en", "title_zh", "venue_en", "venue_zh") SELECT new_values."cancel_reason", new_values."changed_at", new_values."city_en", new_values."city_zh", new_values."created_by_id", new_values."ends_at", new_values."id", new_values."most_per_agency", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."register_until", new_values."seats", new_values."sequence", new_values."starts_at", new_values."state", new_values."text_en", new_values."text_zh", new_values."title_en", new_values."title_zh", new_values."venue_en", new_values."venue_zh" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="beb10624b03e5f9207e52d571ecbcfebee800fd9",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_45f3a",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="portal_event",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="event",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_eventevent" ("cancel_reason", "changed_at", "city_en", "city_zh", "created_by_id", "ends_at", "id", "most_per_agency", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "register_until", "seats", "sequence", "starts_at", "state", "text_en", "text_zh", "title_en", "title_zh", "venue_en", "venue_zh") SELECT old_values."cancel_reason", old_values."changed_at", old_values."city_en", old_values."city_zh", old_values."created_by_id", old_values."ends_at", old_values."id", old_values."most_per_agency", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."register_until", old_values."seats", old_values."sequence", old_values."starts_at", old_values."state", old_values."text_en", old_values."text_zh", old_values."title_en", old_values."title_zh", old_values."venue_en", old_values."venue_zh" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="ea1059a6999ed1aa87f860982653977f09abf929",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_d6c46",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="portal_event",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="helparticle",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_helparticleevent" ("changed_at", "clause", "id", "is_published", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question_id", "text_en", "text_zh", "title_en", "title_zh", "written_by_id") SELECT new_values."changed_at", new_values."clause", new_values."id", new_values."is_published", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."question_id", new_values."text_en", new_values."text_zh", new_values."title_en", new_values."title_zh", new_values."written_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="f890e45f8dc37656af11283e4e376e1e00bca2c3",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_5ff8f",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="portal_helparticle",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="helparticle",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_helparticleevent" ("changed_at", "clause", "id", "is_published", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question_id", "text_en", "text_zh", "title_en", "title_zh", "written_by_id") SELECT new_values."changed_at", new_values."clause", new_values."id", new_values."is_published", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."question_id", new_values."text_en", new_values."text_zh", new_values."title_en", new_values."title_zh", new_values."written_by_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="721f2d8e5478d03402653e0c3974c86ae5bc8615",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2eee3",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="portal_helparticle",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="helparticle",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_helparticleevent" ("changed_at", "clause", "id", "is_published", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "question_id", "text_en", "text_zh", "title_en", "title_zh", "written_by_id") SELECT old_values."changed_at", old_values."clause", old_values."id", old_values."is_published", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."question_id", old_values."text_en", old_values."text_zh", old_values."title_en", old_values."title_zh", old_values."written_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="56466334da65f1755e149e0017f6d92f3df65769",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_e5dc5",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="portal_helparticle",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="serviceday",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_servicedayevent" ("closes", "day", "id", "name", "opens", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."closes", new_values."day", new_values."id", new_values."name", new_values."opens", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="40716bacbdf39390c2dd46e45a83fbd0b823925e",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_907d6",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="portal_serviceday",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="serviceday",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_servicedayevent" ("closes", "day", "id", "name", "opens", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."closes", new_values."day", new_values."id", new_values."name", new_values."opens", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="46a8a1407af67a50f0e59415921f6eacb5b5cbcf",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_63a10",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="portal_serviceday",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="serviceday",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_servicedayevent" ("closes", "day", "id", "name", "opens", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."closes", old_values."day", old_values."id", old_values."name", old_values."opens", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="8a3daa05b34644edc5c7440aaf95a7b77be2cb14",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_4d703",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="portal_serviceday",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="servicehours",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_servicehoursevent" ("closes", "id", "opens", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "weekday") SELECT new_values."closes", new_values."id", new_values."opens", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."weekday" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="f15dc45b214c17c1b282a1bf6f26855dd5ed9b40",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_cb280",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="portal_servicehours",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="servicehours",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_servicehoursevent" ("closes", "id", "opens", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "weekday") SELECT new_values."closes", new_values."id", new_values."opens", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."weekday" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="b37c144cd264f2935ffe285211922b9acf590bce",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_80a1f",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="portal_servicehours",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="servicehours",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_servicehoursevent" ("closes", "id", "opens", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "weekday") SELECT old_values."closes", old_values."id", old_values."opens", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."weekday" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="5cd19dbfdb6450ca6bcc1c06009b0440e00d94c2",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_db683",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="portal_servicehours",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="servicetarget",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_servicetargetevent" ("id", "key", "minutes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."key", new_values."minutes", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="af765157f169a48c494cafd3b666c128d2bfc899",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_90486",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="portal_servicetarget",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="servicetarget",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_servicetargetevent" ("id", "key", "minutes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."key", new_values."minutes", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="683e1dd8cc9f0e76cc768f05dff85f0d00b63dea",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_87565",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="portal_servicetarget",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="servicetarget",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "portal_servicetargetevent" ("id", "key", "minutes", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."id", old_values."key", old_values."minutes", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="23ae9348b13ec079572a1e7e383894593b7169ee",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2540a",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="portal_servicetarget",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="cannedanswerevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="58b847825859727d62140d96e9b7c07f85cc856b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_24e4b",
                    table="portal_cannedanswerevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactpersonevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="efaae09235e5102a05308c381a4a772d2ea2f950",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7c0a9",
                    table="portal_contactpersonevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="eventevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e52f869018bb1c2f3af10a4ab7ed0001e20bcab9",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_83df7",
                    table="portal_eventevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="helparticleevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a9f3a6ae0246dc21046bbe4e58e3b763e3e73987",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_206e5",
                    table="portal_helparticleevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="servicedayevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c5d08b407ccd5129da0e594111c93093b2d0036a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2c276",
                    table="portal_servicedayevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="servicehoursevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="bc4827a764ccda341b71790d38255cca110dcf3f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ccfaa",
                    table="portal_servicehoursevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="servicetargetevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="1b37ddd1eb41b3851967d00d8f3c8c34eadf0f1a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_0a96e",
                    table="portal_servicetargetevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
