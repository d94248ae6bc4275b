"""Validation of each kind: one module a kind, the rules in the order in which the API server reports them."""
