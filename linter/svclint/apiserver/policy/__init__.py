"""Policies written in CEL: ValidatingAdmissionPolicy and its bindings, and the rules of custom resources."""
