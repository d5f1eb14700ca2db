"""`make bench`: how long a page takes, how soon a watcher or a receiver has it, what the sweeps carry.

Everything runs on a PostgreSQL of its own that is gone afterwards. Nothing here passes or fails: read it, compare it.
"""

import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from django.conf import settings
from django.test.utils import get_runner

from benchmarks.engine import measure_engine
from benchmarks.live import measure_live
from benchmarks.oncall import measure_oncall
from benchmarks.pages import measure_pages
from benchmarks.paging import measure_paging
from benchmarks.watchers import measure_watchers
from tests.factories.incidents import level_of, make_ladder


def main() -> None:
    """Print each table as soon as it is known."""
    settings.ROOT_URLCONF = "benchmarks.urls"
    settings.ALLOWED_HOSTS = ["*"]  # no more of a test's surroundings: they look into every template that is rendered
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        level = level_of(make_ladder(), "SEV2")
        print(measure_oncall(), flush=True)
        print(measure_pages(level), flush=True)
        print(measure_live(level), flush=True)
        print(measure_watchers(level), flush=True)
        print(measure_engine(), flush=True)
    finally:
        runner.teardown_databases(databases)
    print(measure_paging(), flush=True)


if __name__ == "__main__":
    main()
