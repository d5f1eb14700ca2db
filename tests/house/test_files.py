"""What stands in the repository: nothing of one machine, no registry, pinned packages, a map of the folders."""

import re
from collections.abc import Iterable
from pathlib import Path

from tests.house.source import files, read

REGISTRY = re.compile(
    r"--(?:extra-)?index-url|--find-links|--trusted-host|^-i\s|"
    r"https?://[^\s\"')>]*(?:pypi\.|artifactory|nexus|devpi|/simple\b|registry\.npmjs)",
    re.MULTILINE,
)
MACHINE = re.compile(r"(?<![\w.~-])/(?:work|root|home|Users)/[\w.-]+|(?<![\w-])/tmp/(?!\.)[\w.-]+")
SECRET = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b")
# The patterns themselves, and the README that shows what somebody might type.
ASIDE = {Path("tests/house/test_files.py")}
COMPILES = {Path("Makefile")}  # says --no-emit-index-url
PINNED = re.compile(r"^[A-Za-z0-9_.\[\],-]+==[^\s;\\]+", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")

Named = Iterable[tuple[Path, str]]


def found_in(named: Named, pattern: re.Pattern[str]) -> list[str]:
    """Where `pattern` occurs, with what was found."""
    return [f"{name}: {found[0].strip()}" for name, text in named for found in pattern.finditer(text)]


def unpinned(text: str) -> list[str]:
    """Requirements of a compiled list that have no version or no hash."""
    requirements = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", text).strip())
    return [each.split()[0] for each in requirements if each and not (PINNED.match(each) and HASH.search(each))]


def unnamed_folders(names: Iterable[Path], structure: str) -> list[str]:
    """Top-level folders that the map names neither as `folder` nor as the beginning of a path, `folder/…`."""
    folders = {name.parts[0] for name in names if len(name.parts) > 1}
    return sorted(each for each in folders if not re.search(rf"[`\s(]{re.escape(each)}[`/]", structure))


def all_text() -> list[tuple[Path, str]]:
    return [(name, read(name)) for name in files() if name not in ASIDE]


def test_no_file_names_a_package_registry():
    assert found_in(((name, text) for name, text in all_text() if name not in COMPILES), REGISTRY) == []


def test_no_file_names_a_folder_of_one_machine():
    assert found_in(all_text(), MACHINE) == []


def test_no_file_holds_a_key_of_somebody():
    assert found_in(all_text(), SECRET) == []


def test_every_required_package_has_its_version_and_its_hash():
    compiled = [name for name in files() if name.parent == Path("requirements") and name.suffix == ".txt"]

    assert sorted(name.name for name in compiled) == ["dev.txt", "run.txt"]
    assert {name.name: unpinned(read(name)) for name in compiled} == {"dev.txt": [], "run.txt": []}


def test_the_map_names_every_top_level_folder():
    assert unnamed_folders(files(), read(Path("docs/structure.md"))) == []


# --- the scanners see what they look for -----------------------------------------------------------------------------
def test_a_registry_is_seen():
    bad = [
        "--index-url https://x.example",
        "-i https://x.example/simple",
        "https://pypi.example.org/a",
        "--extra-index-url x",
    ]
    good = ["no index here", "https://docs.example.org/x", "grep -i word"]

    assert [bool(REGISTRY.search(each)) for each in [*bad, *good]] == [True] * 4 + [False] * 3


def test_a_folder_of_one_machine_is_seen():
    bad = ["cd /work/x", "'/root/.pyenv'", "=/home/ana/muster", "file:///Users/ana", "/tmp/scratch"]
    good = ["https://a.example/home/x", "/homepage", "tests/work/x", "a/tmp/x", "/network/root"]

    assert [bool(MACHINE.search(each)) for each in [*bad, *good]] == [True] * 5 + [False] * 5


def test_a_requirement_without_version_or_hash_is_seen():
    digest = "0" * 64
    text = f"""# made
django==5.2 ; python_version >= '3.11' \\
    --hash=sha256:{digest} \\
    --hash=sha256:{digest}
    # via muster
loose>=1 \\
    --hash=sha256:{digest}
bare==1
celery[redis]==5.7 \\
    --hash=sha256:{digest}
--index-url x
"""
    assert unpinned(text) == ["loose>=1", "bare==1", "--index-url"]


def test_a_folder_that_the_map_forgets_is_seen():
    names = [Path("a/b.py"), Path("c/d/e.py"), Path("f.md"), Path("g/h.py")]

    assert unnamed_folders(names, "`a/b.py` and `g` are here, xc/ is not") == ["c"]
