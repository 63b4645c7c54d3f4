"""The advice per lever that a new platform begins with."""

from typing import Any

from django.db import migrations

from scoring.lever_texts import load_default_levers


def load(apps: Any, schema_editor: Any) -> None:
    load_default_levers(apps.get_model("scoring", "LeverText"))


class Migration(migrations.Migration):
    dependencies = [("scoring", "0003_levels_explained")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
