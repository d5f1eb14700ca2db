"""Which browser the browser tests take."""

from pathlib import Path

import pytest

from tests.chromium import find_chromium


def put(folder: Path, name: str, *, code: int) -> str:
    """A program that ends with `code`; its path."""
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {code}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all there is: nothing on the path beside it, nothing brought by Playwright."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "browsers"))
    return tmp_path


def test_chromium_comes_before_chrome(only: Path) -> None:
    put(only, "google-chrome", code=0)
    wanted = put(only, "chromium", code=0)

    assert find_chromium() == wanted


def test_a_chromium_that_does_not_start_is_passed_over(only: Path) -> None:
    put(only, "chromium", code=1)
    wanted = put(only, "google-chrome-stable", code=0)

    assert find_chromium() == wanted


def test_without_any_there_is_none(only: Path) -> None:
    assert find_chromium() is None
