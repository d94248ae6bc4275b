"""The function libraries of Kubernetes' CEL environment, one module a library."""
