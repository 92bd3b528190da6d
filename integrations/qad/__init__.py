"""The client of one QAD instance, as its profile describes it."""
