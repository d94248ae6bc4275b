"""Defaults of role bindings.

Source: k8s.io/kubernetes pkg/apis/rbac/v1/defaults.go.
"""

from __future__ import annotations

from svclint.apiserver.context import Object, Version

GROUP = "rbac.authorization.k8s.io"


def default_role_binding(obj: Object, version: Version) -> None:
    reference = obj.setdefault("roleRef", {})
    reference["apiGroup"] = reference.get("apiGroup") or GROUP
    for subject in obj.get("subjects", ()):
        if subject.get("kind") in ("User", "Group"):
            subject["apiGroup"] = subject.get("apiGroup") or GROUP
