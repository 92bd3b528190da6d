"""The forms of the integrations pages."""
