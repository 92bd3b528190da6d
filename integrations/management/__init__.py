"""The product's commands."""
