"""svclint says what your Kubernetes cluster would say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from svclint.version import VERSION

if TYPE_CHECKING:
    from svclint.api import PaperCluster, load, load_scopes

__version__ = VERSION
__all__ = ["PaperCluster", "__version__", "load", "load_scopes"]


def __getattr__(name: str) -> Any:
    """The public API is imported when it is used: a hook starts often and needs none of it."""
    if name in __all__:
        from svclint import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
