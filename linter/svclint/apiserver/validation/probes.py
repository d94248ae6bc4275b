"""Validation of probes, lifecycle hooks and what they do.

Source: k8s.io/kubernetes pkg/apis/core/validation/validation.go (validateProbe, validateHandler, validateLifecycle).
"""

from __future__ import annotations

from svclint.apiserver import field, names
from svclint.apiserver.field import Error, Path
from svclint.apiserver.validation.podfields import Fields, Options, required_fields, validate_nonnegative
from svclint.apiserver.validation.ports import validate_port_num_or_name

SCHEMES = ("HTTP", "HTTPS")
ONE_HANDLER = "may not specify more than 1 handler type"
PROBE_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
LIFECYCLE_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")
COUNTS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")


def validate_hooks_and_probes(container: Fields, grace_period: int | None, path: Path, opts: Options) -> list[Error]:
    """The hooks and the three probes of a container."""
    errors = []
    if "lifecycle" in container:
        errors += validate_lifecycle(container["lifecycle"], grace_period, path["lifecycle"], opts)
    if (probe := container.get("livenessProbe")) is not None:
        errors += _validate_single_success(probe, grace_period, path["livenessProbe"], opts)
    if (probe := container.get("readinessProbe")) is not None:
        at = path["readinessProbe"]
        errors += validate_probe(probe, grace_period, at, opts)
        if "terminationGracePeriodSeconds" in probe:
            seconds = probe["terminationGracePeriodSeconds"]
            detail = "must not be set for readinessProbes"
            errors.append(field.invalid(at["terminationGracePeriodSeconds"], seconds, detail))
    if (probe := container.get("startupProbe")) is not None:
        errors += _validate_single_success(probe, grace_period, path["startupProbe"], opts)
    return errors


def _validate_single_success(probe: Fields, grace_period: int | None, path: Path, opts: Options) -> list[Error]:
    errors = validate_probe(probe, grace_period, path, opts)
    if probe["successThreshold"] != 1:
        errors.append(field.invalid(path["successThreshold"], probe["successThreshold"], "must be 1"))
    return errors


def validate_probe(probe: Fields, grace_period: int | None, path: Path, opts: Options) -> list[Error]:
    errors = validate_handler(probe, PROBE_HANDLERS, grace_period, path, opts)
    errors += validate_nonnegative(probe, path, *COUNTS)
    seconds = probe.get("terminationGracePeriodSeconds")
    if seconds is not None and seconds <= 0:
        errors.append(field.invalid(path["terminationGracePeriodSeconds"], seconds, "must be greater than 0"))
    return errors


def validate_lifecycle(lifecycle: Fields, grace_period: int | None, path: Path, opts: Options) -> list[Error]:
    errors = []
    for hook in ("postStart", "preStop"):
        if hook in lifecycle:
            at = path[hook]
            errors += validate_handler(lifecycle[hook], LIFECYCLE_HANDLERS, grace_period, at, opts)
    return errors


def validate_handler(
    handler: Fields, kinds: tuple[str, ...], grace_period: int | None, path: Path, opts: Options
) -> list[Error]:
    """Exactly one of the kinds of handler; only the first is looked into."""
    errors: list[Error] = []
    found = False
    for kind in kinds:
        if kind not in handler:
            continue
        if found:
            errors.append(field.forbidden(path.child(kind), ONE_HANDLER))
            continue
        found = True
        action = handler[kind]
        if kind == "httpGet":
            errors += _http_get(action, path)
        elif kind == "exec":
            errors += required_fields(action, path["exec"], "command")
        elif kind == "sleep":
            errors += _sleep(action.get("seconds", 0), grace_period, path, opts)
        else:
            errors += validate_port_num_or_name(action.get("port", 0), path[kind]["port"])
    if not found:
        errors.append(field.required(path, "must specify a handler type"))
    return errors


def _http_get(action: Fields, path: Path) -> list[Error]:
    errors = []
    # `path` has a default.
    errors += validate_port_num_or_name(action.get("port", 0), path["httpGet"]["port"])
    if action["scheme"] not in SCHEMES:
        errors.append(field.not_supported(path.child("httpGet", "scheme"), action["scheme"], SCHEMES))
    for i, header in enumerate(action.get("httpHeaders", ())):
        name = header.get("name", "")
        at = path.child("httpGet", "httpHeaders", place=("httpGet", "httpHeaders", i, "name"))
        errors += [field.invalid(at, name, message) for message in names.is_http_header_name(name)]
    return errors


def _sleep(seconds: int, grace_period: int | None, path: Path, opts: Options) -> list[Error]:
    at = path.child("sleep", place=("sleep", "seconds"))
    if grace_period is None or (0 if opts.sleep_zero else 1) <= seconds <= grace_period:
        return []
    if opts.sleep_zero:
        detail = f"must be non-negative and less than terminationGracePeriodSeconds ({grace_period})"
    else:
        detail = (
            f"must be greater than 0 and less than terminationGracePeriodSeconds ({grace_period}). Enable "
            "AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep."
        )
    return [field.invalid(at, seconds, detail)]
