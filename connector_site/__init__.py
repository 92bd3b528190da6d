"""Settings, routes, processes and start-up of ml-connector."""
