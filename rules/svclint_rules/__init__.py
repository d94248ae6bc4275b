"""First-party rules: one file a rule, found through the same entry point as anyone's."""
