"""The database of the tests: what one test has committed, the next does not find."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from incidents.models import TimelineEntry
from tests.house.world import make_world

# Made by every migration, and written by no test.
OF_DJANGO = {ContentType, Permission}


def tables_with_rows() -> list[str]:
    """Of all models but those of OF_DJANGO."""
    models = [model for model in apps.get_models(include_auto_created=True) if model not in OF_DJANGO]
    return [model._meta.db_table for model in models if model._default_manager.exists()]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_has_committed_is_gone_for_the_next(turn: str):
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        triggers = cursor.fetchone()

    assert (tables_with_rows(), triggers) == ([], ("origin",))
    assert Permission.objects.filter(content_type=ContentType.objects.get_for_model(TimelineEntry)).count() == 4
    make_world()
