"""`manage.py token create`, as an operator types it."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.actor import Actor
from accounts.enums import TokenScope, Via
from accounts.models import ApiToken
from accounts.queries.token import actor_of_token
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def test_it_prints_a_key_that_works_and_nothing_else(capsys):
    ana = UserFactory(handle="ana")

    call_command("token", "create", "--user", "@Ana", "--scope", "respond", "--name", "deploys")

    actor = actor_of_token(capsys.readouterr().out.strip(), timezone.now())
    assert actor == Actor(user=ana, via=Via.API, scope=TokenScope.RESPOND)
    assert ApiToken.objects.get().name == "deploys"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--user", "nobody", "--scope", "read"], "There is nobody called @nobody."),
        (
            ["--user", "ana", "--scope", "configure"],
            "@ana is no admin: a key of @ana cannot have the scope “configure”.",
        ),
        (["--user", "ana", "--scope", "all"], "invalid choice: 'all'"),
        (["--user", "ana"], "the following arguments are required: --scope"),
        (["--user", "ana", "--scope", "read", "--name", "x" * 81], "The name of a key has at most 80 characters."),
    ],
)
def test_nonsense_is_refused_with_a_sentence_and_makes_no_key(arguments, sentence, capsys):
    UserFactory(handle="ana")

    with pytest.raises(CommandError) as refusal:
        call_command("token", "create", *arguments)

    assert sentence in str(refusal.value)
    assert (ApiToken.objects.count(), capsys.readouterr().out) == (0, "")
