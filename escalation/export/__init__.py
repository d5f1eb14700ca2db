"""Documents from rows: calendars that others subscribe to, and plan B."""
