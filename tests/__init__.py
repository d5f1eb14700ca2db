"""Muster's tests: they mirror the tree, and play whole stories in journeys/, browser/ and faults/."""
