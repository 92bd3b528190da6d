"""Measurements of what docs/performance.md claims, each against stand-ins on this machine."""
