"""Figures against a reference measured in the same run: machines differ, ratios say more than milliseconds."""
