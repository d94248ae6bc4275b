"""What is a manifest: told from the bytes where that is cheap, and from the objects where it isn't."""

from __future__ import annotations

import re
from typing import Any

# Both patterns are anchored to one line or one key and hold no nested repetition: they are linear in the text.
_YAML_API_VERSION = re.compile(rb"""^[ \t-]*(?:"apiVersion"|'apiVersion'|apiVersion)[ \t]*:""", re.M)
_YAML_KIND = re.compile(rb"""^[ \t-]*(?:"kind"|'kind'|kind)[ \t]*:""", re.M)
_FLOW_API_VERSION = re.compile(rb"""["']?apiVersion["']?\s*:\s*["']?[A-Za-z]""")
_FLOW_KIND = re.compile(rb"""["']?kind["']?\s*:\s*["']?[A-Za-z]""")

KUSTOMIZATION_NAMES = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})

# Files of tools that write apiVersion and kind but are never sent to an API server.
_TOOL_GROUPS = frozenset(
    {
        "apiserver.config.k8s.io",
        "audit.k8s.io",
        "builtin",
        "client.authentication.k8s.io",
        "config.kubernetes.io",
        "controller-runtime.sigs.k8s.io",
        "credentialprovider.kubelet.k8s.io",
        "ctlptl.dev",
        "eksctl.io",
        "k3d.io",
        "kind.sigs.k8s.io",
        "kind.x-k8s.io",
        "krew.googlecontainertools.github.com",
        "kubeadm.k8s.io",
        "kubelet.config.k8s.io",
        "kubeproxy.config.k8s.io",
        "kubescheduler.config.k8s.io",
        "kustomize.config.k8s.io",
        "skaffold",
        "svclint.dev",
    }
)
_TOOL_KINDS = frozenset({("v1", "Config"), ("v1", "Kptfile"), ("v2", "Chart")})


def may_be_manifest(data: bytes) -> bool:
    """Whether a file may hold a Kubernetes object: some key `apiVersion` and some key `kind`.

    Text in UTF-16 or UTF-32 is let through when both words are there with their zero bytes between the letters.
    """
    if b"apiVersion" in data and b"kind" in data:
        if _YAML_API_VERSION.search(data) and _YAML_KIND.search(data):
            return True
        return bool(_FLOW_API_VERSION.search(data) and _FLOW_KIND.search(data))
    if b"\0" in data[:8]:
        return b"apiVersion" in data.replace(b"\0", b"") and b"kind" in data.replace(b"\0", b"")
    return False


def is_binary(data: bytes) -> bool:
    """Whether the bytes are no text: a NUL near the beginning, in something that isn't UTF-16 or UTF-32."""
    head = data[:4096]
    if b"\0" not in head:
        return False
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        return False
    # Without a byte order mark: ASCII text in UTF-16 has a zero byte in every other place (in UTF-32 in more).
    even, odd = head[0:64:2], head[1:64:2]
    return not (set(even) == {0} or set(odd) == {0})


def is_for_tool(value: dict[str, Any]) -> bool:
    """Whether an object with apiVersion and kind is a tool's own file, not something an API server is sent.

    An object that SOPS has encrypted is decrypted before it is sent: what stands in the file is not what arrives.
    """
    if isinstance(value.get("sops"), dict):
        return True
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if not isinstance(api_version, str):
        return False
    group = api_version.rpartition("/")[0]
    return group in _TOOL_GROUPS or (api_version, kind) in _TOOL_KINDS


def is_kustomization(path: str) -> bool:
    """Whether kustomize would read this file as a kustomization."""
    return path.rpartition("/")[2] in KUSTOMIZATION_NAMES


def is_chart_template(path: str, charts: frozenset[str]) -> bool:
    """Whether the file lies in the `templates/` of a Helm chart (a folder with a `Chart.yaml`)."""
    at = path.find("/templates/")
    while at >= 0:
        if path[:at] in charts:
            return True
        at = path.find("/templates/", at + 1)
    return path.startswith("templates/") and "" in charts
