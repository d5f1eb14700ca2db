"""A schedule as a page draws it: days of the viewer's zone, every layer, and the line that is in force."""

from escalation.queries.calendar.drawing import Calendar, Strip, calendar_of, colour_of, initials_of
from escalation.queries.calendar.line import Zones, lines_of, names_of, overriding_of, people_of, words_of
from escalation.queries.calendar.preview import Preview, compared_span, preview_of
from escalation.queries.calendar.window import Window, window_of

__all__ = [
    "Calendar",
    "Preview",
    "Strip",
    "Window",
    "Zones",
    "calendar_of",
    "colour_of",
    "compared_span",
    "initials_of",
    "lines_of",
    "names_of",
    "overriding_of",
    "people_of",
    "preview_of",
    "window_of",
    "words_of",
]
