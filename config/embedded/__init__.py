"""The one-machine stack: PostgreSQL from its wheel, worker, beat and web, started by `make run`.

Nothing in here imports Django: the stack decides the environment first, and its children read it.
"""
