"""Pages of an organization: read by selectors, changed by services."""
