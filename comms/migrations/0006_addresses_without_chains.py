"""An address stands once, and says no more when it is tried."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comms", "0005_rules_of_the_chains")]

    operations = [
        migrations.AlterModelOptions(name="contactpoint", options={"ordering": ["user", "pk"]}),
        migrations.RemoveConstraint(model_name="contactpoint", name="contact_point_once"),
        migrations.RemoveConstraint(model_name="contactpoint", name="contact_point_chain"),
        migrations.RemoveField(model_name="contactpoint", name="after_seconds"),
        migrations.RemoveField(model_name="contactpoint", name="chain"),
        migrations.AddConstraint(
            model_name="contactpoint",
            constraint=models.UniqueConstraint(
                fields=("user", "transport", "address"), name="contact_point_address_once"
            ),
        ),
    ]
