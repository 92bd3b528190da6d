"""What people do with accounts and organizations, each with its line in the trail."""
