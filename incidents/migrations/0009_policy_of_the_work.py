from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0008_policy_chains_and_intake"),
    ]

    operations = [
        migrations.AddField(
            model_name="ladderversion",
            name="tasks_understood",
            field=models.BooleanField(
                default=False, help_text="Whoever is given a task says that they have understood it."
            ),
        ),
        migrations.AddField(
            model_name="mitigationoption",
            name="way_back",
            field=models.TextField(blank=True, help_text="The command that undoes it; {names} as in the command."),
        ),
    ]
