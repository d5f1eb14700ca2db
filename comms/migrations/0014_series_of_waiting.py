"""What waits repeats nothing but its own chain."""

from django.db import migrations
from django.db.models import F, Func, Value


def fill(apps, schema_editor):
    """The series of each row that waits: its dedup key without the contact point."""
    rows = apps.get_model("comms", "Message").objects.filter(series="", status="waiting")
    rows.update(series=Func(F("dedup_key"), Value("#"), Value(1), function="split_part"))


class Migration(migrations.Migration):
    dependencies = [("comms", "0013_message_series")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
