"""Pings: asked for by people, programs and commands, carried out step by step by a worker."""
