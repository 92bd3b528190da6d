"""The audit trail and what every floor above shares: tenancy and the catalogue of errors."""
