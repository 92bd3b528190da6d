"""Settings, routes, processes and the embedded engines."""
