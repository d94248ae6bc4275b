"""svclint says what your Kubernetes cluster would say."""

__version__ = "0.1.0"
