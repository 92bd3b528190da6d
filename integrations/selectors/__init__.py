"""Every read of a page or endpoint; the organization comes first, and nothing is written."""
