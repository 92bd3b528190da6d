"""Whole runs against both stand-ins, over real HTTP."""
