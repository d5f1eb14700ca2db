from django.db import migrations, models
from django.db.models.functions import Left


class Migration(migrations.Migration):
    dependencies = [("escalation", "0023_in_charge")]

    operations = [
        migrations.AddIndex(model_name="page", index=models.Index(Left("ref", 3), name="page_code")),
    ]
