"""A program that loads while the database is still being prepared, and begins when it is told to.

`python -m config.gate MODULE ARGUMENTS…` is `python -m MODULE ARGUMENTS…`, once a byte has come on standard input.
Loading Django is most of what a start of Muster takes; so both cores are at it while another program migrates.
"""

import os
import runpy
import sys

import django


def main() -> int:
    """0 when the one who was to open the gate has gone, else the program's own end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    if not os.read(sys.stdin.fileno(), 1):
        return 0
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
