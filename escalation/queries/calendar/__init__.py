"""A schedule as a page draws it: days of the viewer's zone, every layer, and the line that is in force."""

from escalation.queries.calendar.drawing import Calendar, Strip, calendar_of
from escalation.queries.calendar.window import Window, window_of

__all__ = ["Calendar", "Strip", "Window", "calendar_of", "window_of"]
