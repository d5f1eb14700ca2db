"""What the environment asks of `make run`."""

import base64
import stat
from pathlib import Path

import pytest

from config.embedded.wishes import StartRefused, environment_for, kept_secret, read_wishes

OWN = "postgresql://postgres@/muster?host=/here"
OTHER = "postgresql://somebody@db.example/theirs"


def test_nothing_asked_for_is_this_machine_with_a_demo() -> None:
    wishes = read_wishes({})

    assert (wishes.host, wishes.port, wishes.own_address) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert (wishes.database_url, wishes.demo) == (None, True)


@pytest.mark.parametrize(
    ("asked", "demo"),
    [
        ({"DATABASE_URL": OTHER}, False),
        ({"DATABASE_URL": OTHER, "MUSTER_DEMO": "1"}, True),
        ({"DATABASE_URL": OTHER, "MUSTER_DEMO": "0"}, False),
        ({"DATABASE_URL": ""}, True),
        ({"MUSTER_DEMO": "0"}, False),
    ],
)
def test_a_database_of_ones_own_gets_no_demo_unless_it_is_asked_for_by_name(asked: dict[str, str], demo: bool) -> None:
    assert read_wishes(asked).demo is demo


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "80 80"])
def test_a_port_that_is_none_is_refused_by_name(port: str) -> None:
    with pytest.raises(StartRefused, match=r"PORT must be a number from 1 to 65535"):
        read_wishes({"PORT": port})


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("192.0.2.7", "http://192.0.2.7:8000"),
    ],
)
def test_the_own_address_can_be_opened_from_this_machine(host: str, address: str) -> None:
    assert read_wishes({"HOST": host}).own_address == address


def test_children_find_every_wish_spelt_out(tmp_path: Path) -> None:
    asked = {"MUSTER_DATA_DIR": str(tmp_path), "PORT": "8123", "MUSTER_DEMO_PASSWORD": "chosen", "KEPT": "as it is"}

    found = environment_for(read_wishes(asked), asked, OWN)

    secret_key, push_key = found.pop("MUSTER_SECRET_KEY"), found.pop("MUSTER_PUSH_KEY")
    assert found == {
        **asked,
        "DATABASE_URL": OWN,
        "MUSTER_URL": "http://127.0.0.1:8123",
        "MUSTER_ALLOWED_HOSTS": "127.0.0.1",
        "PYTHONUNBUFFERED": "1",
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
    }
    assert secret_key == (tmp_path / "secret-key").read_text()
    assert push_key == (tmp_path / "push-key").read_text()
    assert len(base64.urlsafe_b64decode(push_key + "=")) == 32


def test_a_demo_without_a_password_gets_a_random_one_that_stays(tmp_path: Path) -> None:
    asked = {"MUSTER_DATA_DIR": str(tmp_path)}

    passwords = {environment_for(read_wishes(asked), asked, OWN)["MUSTER_DEMO_PASSWORD"] for _ in range(2)}

    assert passwords == {(tmp_path / "demo-password").read_text()}


@pytest.mark.parametrize("asked", [{"EMAIL_HOST": "mail.local"}, {"EMAIL_BACKEND": "somewhere.else"}])
def test_mail_of_a_demo_lands_in_files_only_where_nothing_else_was_asked_for(
    tmp_path: Path, asked: dict[str, str]
) -> None:
    asked = {"MUSTER_DATA_DIR": str(tmp_path), **asked}
    found = environment_for(read_wishes(asked), asked, OWN)
    assert found.get("EMAIL_BACKEND") == asked.get("EMAIL_BACKEND")


def test_mail_of_a_house_without_a_demo_is_never_put_into_files(tmp_path: Path) -> None:
    asked = {"MUSTER_DATA_DIR": str(tmp_path), "DATABASE_URL": OTHER}
    assert "EMAIL_BACKEND" not in environment_for(read_wishes(asked), asked, OTHER)


def test_without_a_demo_no_password_is_made(tmp_path: Path) -> None:
    asked = {"MUSTER_DATA_DIR": str(tmp_path), "DATABASE_URL": OTHER, "MUSTER_URL": "https://muster.example"}

    found = environment_for(read_wishes(asked), asked, OTHER)

    assert "MUSTER_DEMO_PASSWORD" not in found
    assert found["MUSTER_URL"] == "https://muster.example"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["push-key", "secret-key"]


def test_a_kept_secret_is_long_and_for_its_owner_alone(tmp_path: Path) -> None:
    secret = kept_secret(tmp_path / "deep" / "secret")

    assert len(secret) == 32
    assert stat.S_IMODE((tmp_path / "deep" / "secret").stat().st_mode) == 0o600
