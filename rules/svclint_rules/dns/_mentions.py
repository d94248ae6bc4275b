"""Names of Services in what Pods are told: the cluster's reading of them, which editors follow as well."""

from __future__ import annotations

from svclint.cluster.mentions import Evidence, Mention, Target, found, in_text, mentions, target

__all__ = ["Evidence", "Mention", "Target", "found", "in_text", "mentions", "target"]
