"""The one running number behind every reference: a sequence, so that two declarations never wait for each other."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE incidents_running_number", "DROP SEQUENCE incidents_running_number"),
    ]
