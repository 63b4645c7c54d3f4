"""How many days of its month a projection was computed from."""

from django.db import migrations, models

# What the run in place was computed from is what is current now, or it is due again anyway.
COUNT = """
    UPDATE scoring_projectionrun run
    SET days = greatest(1, (
        SELECT count(*)
        FROM scoring_factpart part
        WHERE part.superseded_at IS NULL AND part.day BETWEEN run.month AND run.data_through
    ))
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0004_lever_texts")]

    operations = [
        migrations.AddField(
            model_name="projectionrun",
            name="days",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="days with facts"),
            preserve_default=False,
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="projectionrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__gte", 1), ("days__lte", models.F("data_through__day"))),
                name="projection_run_has_days_with_facts",
            ),
        ),
    ]
