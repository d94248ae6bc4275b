"""Validation of a pod's spec and of pod templates, in the order in which the API server reports.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (ValidatePodSpec, ValidatePodTemplateSpec).
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from svclint.apiserver import field, names
from svclint.apiserver.field import Error, Path
from svclint.apiserver.objectmeta import validate_annotations, validate_labels
from svclint.apiserver.validation.containers import (
    Surroundings,
    validate_containers,
    validate_ephemeral_containers,
    validate_init_containers,
)
from svclint.apiserver.validation.podfields import (
    PROCESS_NAMESPACES,
    Fields,
    Options,
    invalids,
    shares_process_namespace_twice,
    uses_host_users,
    validate_dns1123_label,
    validate_dns1123_subdomain,
    validate_enum,
)

RESTART_POLICIES = ("Always", "OnFailure", "Never")
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
PREEMPTION_POLICIES = ("PreemptLowerPriority", "Never")
GATES_AND_SPREAD = frozenset(("readinessGates", "schedulingGates", "topologySpreadConstraints"))
# All fields that `_identity` looks at: without one of them it has nothing to say.
IDENTITY = frozenset(
    (
        "hostUsers", "serviceAccountName", "nodeName", "activeDeadlineSeconds", "hostname", "subdomain",
        "hostnameOverride", "tolerations", "hostAliases", "priorityClassName", "runtimeClassName", "preemptionPolicy",
        "overhead", "os",
    )
)  # fmt: skip
CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
MAX_NAMESERVERS = 3
MAX_SEARCHES = 32
MAX_SEARCH_CHARACTERS = 2048
MAX_DEADLINE = (1 << 31) - 1
MAX_HOSTNAME_OVERRIDE = 64


def validate_pod_template(template: Fields, path: Path, opts: Options) -> list[Error]:
    metadata = template.get("metadata", {})
    annotations = metadata.get("annotations", {})
    spec = template["spec"]
    # Upstream leaves `metadata` out of these paths.
    errors = []
    if (labels := metadata.get("labels")) and not names.are_valid_labels(labels):
        errors += validate_labels(labels, path.child("labels", place=("metadata", "labels")), opts.context)
    if annotations:
        at = path.child("annotations", place=("metadata", "annotations"))
        from svclint.apiserver.validation.podannotations import validate_pod_annotations

        errors += validate_annotations(annotations, at, opts.context)
        errors += validate_pod_annotations(annotations, spec, at, opts)
    at = path["spec"]
    errors += validate_pod_spec(spec, "", at, opts)
    if annotations:
        from svclint.apiserver.validation.podannotations import validate_annotations_match_fields

        errors += validate_annotations_match_fields(annotations, spec, at)
    if spec.get("ephemeralContainers"):
        detail = "ephemeral containers not allowed in pod template"
        errors.append(field.forbidden(at["ephemeralContainers"], detail))
    return errors


def validate_pod_spec(spec: Fields, pod_name: str, path: Path, opts: Options) -> list[Error]:
    """A defaulted spec. `pod_name`: the pod's own name, "" in a template."""
    errors: list[Error] = []
    context = opts.context
    valid_volumes: dict[str, Fields] = {}
    if volumes := spec.get("volumes"):
        from svclint.apiserver.validation.volumes import validate_volumes

        valid_volumes, errors = validate_volumes(volumes, pod_name, path["volumes"], opts)
    claim_names: Set[str] = frozenset()
    if claims := spec.get("resourceClaims"):
        claim_names = {claim["name"] for claim in claims if claim.get("name")}
        errors += _resource_claims(claims, path["resourceClaims"], opts)
    host_users = uses_host_users(spec)
    grace_period = spec["terminationGracePeriodSeconds"]
    around = Surroundings(valid_volumes, claim_names, grace_period, spec["restartPolicy"], host_users, opts)
    containers = spec.get("containers", ())
    errors += validate_containers(containers, path["containers"], around)
    if init := spec.get("initContainers"):
        errors += validate_init_containers(init, containers, path["initContainers"], around)
    if spec.get("ephemeralContainers"):
        errors += validate_ephemeral_containers(spec, path["ephemeralContainers"], around)
    if opts.pod_level_resources and "resources" in spec:
        from svclint.apiserver.validation.podresources import validate_pod_resources

        errors += validate_pod_resources(spec, claim_names, path["resources"], opts)
    if spec.get("hostNetwork"):
        errors += _host_network_ports(containers, path["containers"], opts)
    errors += validate_enum(spec, path, "restartPolicy", RESTART_POLICIES)
    errors += validate_enum(spec, path, "dnsPolicy", DNS_POLICIES)
    if selector := spec.get("nodeSelector"):
        errors += validate_labels(selector, path["nodeSelector"], context)
    if spec["securityContext"]:
        from svclint.apiserver.validation.security import validate_pod_security_context

        errors += validate_pod_security_context(spec, path, opts)
    elif shares_process_namespace_twice(spec):
        # Without a security context, too, these two exclude each other.
        here = path.child("securityContext", "shareProcessNamespace", place=("shareProcessNamespace",))
        errors.append(field.invalid(here, True, PROCESS_NAMESPACES))
    if affinity := spec.get("affinity"):
        from svclint.apiserver.validation.podscheduling import validate_affinity

        errors += validate_affinity(affinity, path["affinity"], opts)
    if "dnsConfig" in spec or spec["dnsPolicy"] == "None":
        errors += _dns_config(spec, path["dnsConfig"], opts)
    if not GATES_AND_SPREAD.isdisjoint(spec):
        from svclint.apiserver.validation.podscheduling import validate_gates_and_spread

        errors += validate_gates_and_spread(spec, path, context)
    if _has_windows_options(spec):
        from svclint.apiserver.validation.security_windows import validate_host_process_pod

        errors += validate_host_process_pod(spec, path)
    return errors if IDENTITY.isdisjoint(spec) else errors + _identity(spec, path, opts)


def _identity(spec: Fields, path: Path, opts: Options) -> list[Error]:
    """The second half: names, deadlines, and what the operating system allows. All of it is about `IDENTITY`."""
    errors = []
    if not uses_host_users(spec):
        from svclint.apiserver.validation.security import validate_own_users

        errors += validate_own_users(spec, path)
    if name := spec.get("serviceAccountName"):
        errors += validate_dns1123_subdomain(name, path, "serviceAccountName")
    if name := spec.get("nodeName"):
        errors += validate_dns1123_subdomain(name, path, "nodeName")
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= MAX_DEADLINE:
        detail = names.inclusive_range_error(1, MAX_DEADLINE)
        errors.append(field.invalid(path["activeDeadlineSeconds"], deadline, detail))
    for name in ("hostname", "subdomain"):
        if value := spec.get(name):
            errors += validate_dns1123_label(value, path, name)
    if "hostnameOverride" in spec:
        errors += _hostname_override(spec, path)
    if tolerations := spec.get("tolerations"):
        from svclint.apiserver.validation.podscheduling import validate_tolerations

        errors += validate_tolerations(tolerations, path["tolerations"], opts.context)
    if aliases := spec.get("hostAliases"):
        errors += _host_aliases(aliases, path["hostAliases"], opts)
    if name := spec.get("priorityClassName"):
        errors += validate_dns1123_subdomain(name, path, "priorityClassName")
    if "runtimeClassName" in spec:
        errors += validate_dns1123_subdomain(spec["runtimeClassName"], path, "runtimeClassName")
    if "preemptionPolicy" in spec:
        errors += validate_enum(spec, path, "preemptionPolicy", PREEMPTION_POLICIES)
    if overhead := spec.get("overhead"):
        from svclint.apiserver.validation.podresources import validate_overhead

        errors += validate_overhead(overhead, path["overhead"], opts)
    if "os" in spec:
        from svclint.apiserver.validation.security_windows import validate_os

        errors += validate_os(spec, path)
    return errors


def _has_windows_options(spec: Fields) -> bool:
    if "windowsOptions" in spec["securityContext"]:
        return True
    for kind in CONTAINERS:
        for container in spec.get(kind, ()):
            if "windowsOptions" in container.get("securityContext", ()):
                return True
    return False


def _resource_claims(claims: Sequence[Fields], path: Path, opts: Options) -> list[Error]:
    errors = []
    taken: set[str] = set()
    for i, claim in enumerate(claims):
        at = path[i]
        name = claim.get("name", "")
        if not name:
            errors.append(field.required(at["name"]))
        elif name in taken:
            errors.append(field.duplicate(at["name"], name))
        else:
            errors += validate_dns1123_label(name, at, "name")
            taken.add(name)
        sources = [source for source in ("resourceClaimName", "resourceClaimTemplateName") if source in claim]
        if len(sources) != 1:
            shown = opts.context.shown(claim, "core.PodResourceClaim")
            detail = (
                "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
                if sources
                else "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            )
            errors.append(field.invalid(at, shown, detail))
        for source in sources:
            errors += validate_dns1123_subdomain(claim[source], at, source)
    return errors


def _host_network_ports(containers: Sequence[Fields], path: Path, opts: Options) -> list[Error]:
    """In a template a host port may be left out: the pod's own default will fill it in."""
    errors = []
    for i, container in enumerate(containers):
        for j, port in enumerate(container.get("ports", ())):
            host = port.get("hostPort", 0)
            if (opts.resource_is_pod or host) and host != port.get("containerPort", 0):
                at = path[i]["ports"][j]["hostPort"]
                detail = "must match `containerPort` when `hostNetwork` is true"
                errors.append(field.invalid(at, host, detail))
    return errors


def _dns_config(spec: Fields, path: Path, opts: Options) -> list[Error]:
    from svclint.apiserver.addresses import validate_ip

    config = spec.get("dnsConfig")
    nameservers = (config or {}).get("nameservers", ())
    if spec["dnsPolicy"] == "None":
        if config is None:
            return [field.required(path, "must provide `dnsConfig` when `dnsPolicy` is None")]
        if not nameservers:
            detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            return [field.required(path["nameservers"], detail)]
    assert config is not None
    errors = []
    if len(nameservers) > MAX_NAMESERVERS:
        shown = opts.context.shown(nameservers, "[]string")
        detail = f"must not have more than {MAX_NAMESERVERS} nameservers"
        errors.append(field.invalid(path["nameservers"], shown, detail))
    for i, address in enumerate(nameservers):
        errors += validate_ip(path["nameservers"][i], address, opts.context)
    return (
        errors
        + _searches(config.get("searches", ()), path["searches"], opts)
        + [
            field.required(path["options"][i], "must not be empty")
            for i, option in enumerate(config.get("options", ()))
            if not option.get("name")
        ]
    )


def _searches(searches: Sequence[str], path: Path, opts: Options) -> list[Error]:
    errors = []
    shown = opts.context.shown(searches, "[]string")
    if len(searches) > MAX_SEARCHES:
        errors.append(field.invalid(path, shown, f"must not have more than {MAX_SEARCHES} search paths"))
    if names.byte_length(" ".join(searches)) > MAX_SEARCH_CHARACTERS:
        detail = f"must not have more than {MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list"
        errors.append(field.invalid(path, shown, detail))
    own_text = opts.context.enabled("dns-search-text")
    for i, search in enumerate(searches):
        name = search.removesuffix(".")
        if not opts.relaxed_dns:
            errors += invalids(path[i], name, names.is_dns1123_subdomain(name))
        elif search != "." and (wrong := names.is_dns1123_subdomain_with_underscore(name, own_text)):
            errors += invalids(path[i], name, wrong)
    return errors


def _hostname_override(spec: Fields, path: Path) -> list[Error]:
    name = spec["hostnameOverride"]
    at = path["hostnameOverride"]
    errors = validate_dns1123_subdomain(name, at)
    if names.byte_length(name) > MAX_HOSTNAME_OVERRIDE:
        errors.append(field.invalid(at, name, names.max_len_error(MAX_HOSTNAME_OVERRIDE)))
    if spec.get("hostNetwork"):
        errors.append(field.forbidden(at, "may not be set when hostNetwork is true"))
    if spec.get("setHostnameAsFQDN"):
        errors.append(field.forbidden(at, "may not be set when setHostnameAsFQDN is true"))
    return errors


def _host_aliases(aliases: Sequence[Fields], path: Path, opts: Options) -> list[Error]:
    from svclint.apiserver.addresses import validate_ip

    errors = []
    for i, alias in enumerate(aliases):
        at = path[i]
        errors += validate_ip(at["ip"], alias.get("ip", ""), opts.context)
        for j, name in enumerate(alias.get("hostnames", ())):
            errors += validate_dns1123_subdomain(name, at["hostnames"][j])
    return errors
