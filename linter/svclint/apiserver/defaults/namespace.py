"""Defaults of a Namespace.

Source: k8s.io/kubernetes pkg/apis/core/v1/defaults.go (SetDefaults_Namespace).
"""

from __future__ import annotations

from svclint.apiserver.context import Object, Version

METADATA_NAME = "kubernetes.io/metadata.name"


def default_namespace(obj: Object, version: Version) -> None:
    name = obj["metadata"].get("name")
    if name:
        obj["metadata"].setdefault("labels", {})[METADATA_NAME] = name
