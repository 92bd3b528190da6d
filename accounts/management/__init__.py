"""The commands of people and organizations."""
