"""Tests of what people answer in words."""
