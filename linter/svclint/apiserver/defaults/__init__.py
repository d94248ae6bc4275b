"""Defaults of each kind, as the API server fills them in before it validates."""
