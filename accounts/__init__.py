"""People, organizations and what each of them may do."""
