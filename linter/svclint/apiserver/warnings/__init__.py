"""Warnings that the API server sends along with an accepted object."""
