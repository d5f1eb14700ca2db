"""Twilio, faked by a small real server whose answers are held against its published schema."""
