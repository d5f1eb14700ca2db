"""A small made-up organisation, and one incident that it has behind it, for whoever looks at Muster the first time."""
