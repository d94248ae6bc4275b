"""Ingress: which Service a request to a host and path goes to, and what leads to a Service.

How to ask (build the table once a cluster, from the objects that the API server takes)::

    table = IngressTable(ingresses, services, classes)         # Ingress, Service and IngressClass views
    table.routes                                               # every (host, path, class) -> backend, in order
    table.route("shop.example", "/cart")                       # -> tuple[Match, ...], one a class; () when nothing matches
    table.callers("default", "web")                            # -> the Routes whose backend is that Service

A `Route` is one line of an Ingress: `ingress`, `place`, `host`, `path`, `path_type`, `class_name`, `backend`.
`Route.backend.service` is None where it is missing, `.port` the ServicePort or None, `.problem` says why.
"""
