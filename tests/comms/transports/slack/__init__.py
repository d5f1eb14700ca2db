"""Slack, faked by a small real server that refuses what Slack's documents refuse."""
