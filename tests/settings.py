"""The environment of a test run, then the one settings file.

`make test` needs nothing prepared: without DATABASE_URL the first process of the run starts PostgreSQL from its
wheel, and the workers of pytest-xdist find its address in the environment.
"""

import os

from tests.database import start_for_this_run
from tests.prepared import DATABASE

if not os.environ.get("DATABASE_URL"):
    os.environ["DATABASE_URL"] = start_for_this_run()
    os.environ["TEST_DATABASE_TEMPLATE"] = DATABASE
os.environ.setdefault("BROKER_URL", "memory://")
os.environ.setdefault("MUSTER_LOG_LEVEL", "WARNING")

from config.settings import *  # noqa: F403 - the address above must be there first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, and no secret is kept here
DATABASES["default"]["ENGINE"] = "tests.postgresql"  # noqa: F405
# Where the run started the server itself, each worker's database is a copy of the migrated one.
DATABASES["default"]["TEST"]["TEMPLATE"] = os.environ.get("TEST_DATABASE_TEMPLATE")  # noqa: F405
MIDDLEWARE = [  # each client loads them anew
    "tests.static.ListedOnce" if name == "whitenoise.middleware.WhiteNoiseMiddleware" else name
    for name in MIDDLEWARE  # noqa: F405
]
