"""Room on each page of creators: a day's facts may bring new followers for every one of them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("agencies", "0003_append_only_ledger")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE agencies_creator SET (fillfactor = 45)",
            "ALTER TABLE agencies_creator RESET (fillfactor)",
        )
    ]
