"""The product: clients, pipeline, runs and their pages."""
