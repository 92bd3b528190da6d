"""The client of Anaplan's bulk API: plain classes that know no framework."""
