"""Everything that one room shows to one viewer: fetched in a fixed number of queries (rows), and its shape (shown)."""

from incidents.queries.room.rows import people_of, role_rows, room
from incidents.queries.room.shown import RoleRow, Room

__all__ = ["RoleRow", "Room", "people_of", "role_rows", "room"]
