"""Pages of people, organizations and keys."""
