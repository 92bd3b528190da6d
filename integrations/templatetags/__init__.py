"""Template tags and wording of the integrations pages."""
