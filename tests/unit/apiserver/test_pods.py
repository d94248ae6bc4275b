"""What the server says of pods, field by field, in its own words."""

from __future__ import annotations

from typing import Any

import pytest

from svclint.apiserver.admit import Verdict, admit_one
from svclint.kube.facts import Facts
from svclint.yaml import parse


def admit(spec: str, metadata: str = "{name: web}", version: tuple[int, int] = (1, 36)) -> Verdict:
    """A pod with these fields of `spec` beside an ordinary container, unless they bring containers of their own."""
    own: Any = parse(spec, "spec.yaml").documents[0].value if spec else {}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": parse(metadata, "metadata.yaml").documents[0].value,
        "spec": {"containers": [{"name": "a", "image": "nginx"}], **own},
    }
    return admit_one(pod, Facts(kubernetes_version=version))


def said(verdict: Verdict) -> list[str]:
    return [f"{cause.field}: {cause.body}" for cause in verdict.causes]


def in_container(fields: str) -> str:
    return f"containers: [{{name: a, image: nginx, {fields}}}]"


C = "spec.containers[0]"
ONE_TYPE = "Forbidden: may not specify more than 1 volume type"


def test_an_ordinary_pod_is_accepted_with_its_defaults() -> None:
    verdict = admit(in_container("ports: [{containerPort: 80}], livenessProbe: {httpGet: {port: 80}}"))
    assert verdict.accepted and verdict.stored is not None
    spec: dict[str, Any] = verdict.stored["spec"]
    container = spec["containers"][0]
    assert (spec["dnsPolicy"], spec["restartPolicy"], spec["terminationGracePeriodSeconds"]) == (
        "ClusterFirst",
        "Always",
        30,
    )
    assert container["ports"] == [{"containerPort": 80, "protocol": "TCP"}]
    assert container["livenessProbe"]["httpGet"] == {"port": 80, "path": "/", "scheme": "HTTP"}
    assert container["livenessProbe"]["failureThreshold"] == 3


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:1.25", "IfNotPresent"),
        ("registry:5000/nginx", "Always"),
        ("registry:5000/nginx:1", "IfNotPresent"),
        ("nginx@sha256:0", "IfNotPresent"),
    ],
)
def test_how_an_image_is_pulled(image: str, policy: str) -> None:
    verdict = admit(f"containers: [{{name: a, image: '{image}'}}]")
    assert verdict.stored is not None and verdict.stored["spec"]["containers"][0]["imagePullPolicy"] == policy


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        ("containers: []", ["spec.containers: Required value"]),
        (
            "containers: [{name: a, image: x}, {name: a, image: ''}]",
            ["spec.containers[1].image: Required value", 'spec.containers[1].name: Duplicate value: "a"'],
        ),
        ("containers: [{name: a, image: ' x'}]",
         [f'{C}.image: Invalid value: " x": must not have leading or trailing whitespace']),
        # Ports
        (in_container("ports: [{containerPort: 80, hostPort: 8080}, {containerPort: 81, hostPort: 8080}]"),
         [f'{C}.ports[1].hostPort: Duplicate value: "TCP//8080"']),
        (in_container("ports: [{name: A-, containerPort: 0}]"),
         [f'{C}.ports[0].name: Invalid value: "A-": must contain only alpha-numeric characters (a-z, 0-9), and hyphens '
          "(-)", f'{C}.ports[0].name: Invalid value: "A-": must contain at least one letter (a-z)',
          f'{C}.ports[0].name: Invalid value: "A-": must not begin or end with a hyphen',
          f"{C}.ports[0].containerPort: Required value"]),
        ("hostNetwork: true\n" + in_container("ports: [{containerPort: 80, hostPort: 81}]"),
         [f"{C}.ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true"]),
        # Environment
        (in_container("env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.phase}}}]"),
         [f'{C}.env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: '
          '"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", '
          '"status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"']),
        (in_container("env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"spec.nodeName['a']\"}}}]"),
         [f'{C}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.nodeName[\'a\']": error converting '
          "fieldPath: field label does not support subscript: spec.nodeName['a']"]),
        (in_container("env: [{name: A, value: x, valueFrom: {secretKeyRef: {name: s, key: k}}}]"),
         [f'{C}.env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty']),
        (in_container("envFrom: [{secretRef: {name: a}, configMapRef: {name: ''}}, {}]"),
         [f"{C}.envFrom[0].configMapRef.name: Required value",
          f'{C}.envFrom: Invalid value: "": may not have more than one field specified at a time',
          f'{C}.envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`']),
        # Probes and hooks
        (in_container("readinessProbe: {exec: {}, tcpSocket: {port: 1}, terminationGracePeriodSeconds: 1}"),
         [f"{C}.readinessProbe.exec.command: Required value",
          f"{C}.readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
          f"{C}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 1: must not be set for readinessProbes"]),
        (in_container("startupProbe: {grpc: {port: 0}, successThreshold: 2}"),
         [f"{C}.startupProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive",
          f"{C}.startupProbe.successThreshold: Invalid value: 2: must be 1"]),
        (in_container("livenessProbe: {httpGet: {port: 1, scheme: http, httpHeaders: [{name: a_b, value: c}]}}"),
         [f'{C}.livenessProbe.httpGet.scheme: Unsupported value: "http": supported values: "HTTP", "HTTPS"',
          f"{C}.livenessProbe.httpGet.httpHeaders: Invalid value: \"a_b\": a valid HTTP header must consist of "
          "alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"]),
        (in_container("lifecycle: {preStop: {sleep: {seconds: 31}}, postStart: {}}"),
         [f"{C}.lifecycle.postStart: Required value: must specify a handler type",
          f"{C}.lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than "
          "terminationGracePeriodSeconds (30)"]),
        # Init containers
        ("initContainers: [{name: a, image: x, startupProbe: {exec: {command: [x]}}}]",
         ['spec.initContainers[0].name: Duplicate value: "a"',
          "spec.initContainers[0].startupProbe: Forbidden: may not be set for init containers without "
          "restartPolicy=Always"]),
        # Resources
        (in_container("resources: {limits: {cpu: 500m}, requests: {cpu: 1}}"),
         [f'{C}.resources.requests: Invalid value: "1": must be less than or equal to cpu limit of 500m']),
        (in_container("resources: {requests: {example.com/gpu: 1}}"),
         [f"{C}.resources.limits: Required value: Limit must be set for non overcommitable resources"]),
        (in_container("resources: {limits: {example.com/gpu: 1.5}}"),
         [f'{C}.resources.limits[example.com/gpu]: Invalid value: "1500m": must be an integer',
          f'{C}.resources.requests[example.com/gpu]: Invalid value: "1500m": must be an integer']),
        (in_container("resources: {requests: {memory: -1}}"),
         [f'{C}.resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0']),
        (in_container("resources: {limits: {hugepages-2Mi: 2Mi}}"),
         [f"{C}.resources: Forbidden: HugePages require cpu or memory"]),
        (in_container("resources: {claims: [{name: x}]}"),
         [f'{C}.resources.claims[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims which is '
          "empty"]),
        ("resources: {limits: {cpu: 1}, requests: {cpu: 100m}}\n" + in_container("resources: {limits: {cpu: 2}}"),
         ['spec.resources.requests[cpu]: Invalid value: "100m": must be greater than or equal to aggregate container '
          "requests of 2", 'spec.resources.containers[0][cpu].limits: Invalid value: "2": must be less than or equal '
          "to pod limits of 1"]),
        # Volumes
        ("volumes: [{name: v, emptyDir: {}, secret: {secretName: x}}]", [f"spec.volumes[0].secret: {ONE_TYPE}"]),
        ("volumes: [{name: v, nfs: {}}]",
         ["spec.volumes[0].nfs.server: Required value", "spec.volumes[0].nfs.path: Required value",
          'spec.volumes[0].nfs.path: Invalid value: "": must be an absolute path']),
        ("volumes: [{name: v, configMap: {name: c, defaultMode: 999, items: [{key: k, path: ../p}]}}]",
         ["spec.volumes[0].configMap.defaultMode: Invalid value: 999: must be a number between 0 and 0777 (octal), "
          "both inclusive", 'spec.volumes[0].configMap.items[0].path: Invalid value: "../p": must not contain \'..\'']),
        ("volumes: [{name: v, gcePersistentDisk: {partition: 256}}]",
         ["spec.volumes[0].persistentDisk.pdName: Required value",
          "spec.volumes[0].persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive"]),
        ("volumes: [{name: v, projected: {sources: [{secret: {name: s, items: [{key: a, path: p}, {key: b, path: p}]}},"
         " {serviceAccountToken: {path: t, expirationSeconds: 5}}]}}]\nserviceAccountName: x",
         ['spec.volumes[0].projected: Invalid value: "s": conflicting duplicate paths',
          "spec.volumes[0].projected.sources[1].serviceAccountToken.expirationSeconds: Invalid value: 5: may not "
          "specify a duration less than 10 minutes"]),
        ("volumes: [{name: v, ephemeral: {volumeClaimTemplate: {metadata: {name: x}, spec: {}}}}]",
         ["spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set",
          "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes: Required value: at least 1 access mode is "
          "required", "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value"]),
        ("volumes: [{name: v, iscsi: {targetPortal: a, iqn: iqn.x, lun: 256}}]",
         ['spec.volumes[0].iscsi.iqn: Invalid value: "iqn.x": must be valid format',
          "spec.volumes[0].iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive"]),
        (in_container("volumeMounts: [{name: x, mountPath: ''}]"),
         [f'{C}.volumeMounts[0].name: Not found: "x"', f"{C}.volumeMounts[0].mountPath: Required value"]),
        ("volumes: [{name: v}]\n" + in_container("volumeMounts: [{name: v, mountPath: /a, subPath: /x, "
                                                  "mountPropagation: Bidirectional}, {name: v, mountPath: /a}]"),
         [f'{C}.volumeMounts.subPath: Invalid value: "/x": must be a relative path',
          f"{C}.volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to "
          "privileged containers", f'{C}.volumeMounts[1].mountPath: Invalid value: "/a": must be unique']),
        ("volumes: [{name: v}]\n" + in_container("volumeDevices: [{name: v, devicePath: /a/../b}]"),
         [f'{C}.volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or '
          "Ephemeral for block mode", f'{C}.volumeDevices[0].devicePath: Invalid value: "/a/../b": can not contain '
          "backsteps ('..')"]),
        # Security
        (in_container("securityContext: {runAsUser: -1, procMount: Unmasked}"),
         [f"{C}.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
          f'{C}.securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`']),
        ("securityContext: {seccompProfile: {type: Localhost}, appArmorProfile: {type: x}, fsGroupChangePolicy: x}",
         ['spec.securityContext.fsGroupChangePolicy: Unsupported value: "x": supported values: "Always", '
          '"OnRootMismatch"', "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when "
          "seccomp type is Localhost", 'spec.securityContext.appArmorProfile.type: Unsupported value: "x": supported '
          'values: "Localhost", "RuntimeDefault", "Unconfined"']),
        ("shareProcessNamespace: true\nhostPID: true",
         ["spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot "
          "both be enabled"]),
        ("hostUsers: false\nhostIPC: true", ["spec.HostIPC: Forbidden: when `pod.Spec.HostUsers` is false"]),
        ("hostNetwork: true\nsecurityContext: {sysctls: [{name: net/core/somaxconn, value: '1'}]}",
         ['spec.securityContext.sysctls[0].name: Invalid value: "net/core/somaxconn": may not be specified when '
          "'hostNetwork' is true"]),
        ("os: {name: windows}\nhostPID: true\nsecurityContext: {runAsUser: 1}",
         ["spec.hostPID: Forbidden: cannot be set for a windows pod",
          "spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod"]),
        ("os: {name: linux}\n" + in_container("securityContext: {windowsOptions: {runAsUserName: 'a\\b\\c'}}"),
         [f'{C}.securityContext.windowsOptions.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot '
          "contain more than one backslash", f"{C}.securityContext.windowsOptions: Forbidden: windows options cannot "
          "be set for a linux pod"]),
        ("securityContext: {windowsOptions: {hostProcess: true}}",
         ["spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers"
          ]),
        # Scheduling
        ("tolerations: [{key: a, operator: Exists, value: b, tolerationSeconds: 1}, {effect: x}]",
         ["spec.tolerations[0].effect: Invalid value: \"\": effect must be 'NoExecute' when `tolerationSeconds` is set",
          "spec.tolerations[0].operator: Invalid value: \"b\": value must be empty when `operator` is 'Exists'",
          'spec.tolerations[1].operator: Invalid value: "": operator must be Exists when `key` is empty, which means '
          '"match all values and all keys"', 'spec.tolerations[1].effect: Unsupported value: "x": supported values: '
          '"NoSchedule", "PreferNoSchedule", "NoExecute"']),
        ("affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
         "[{matchExpressions: [{key: a, operator: Gt}], matchFields: [{key: b, operator: Exists}]}]}}}",
         [f"spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].{rest}"
          for rest in (
              "matchExpressions[0].values: Required value: must be specified single value when `operator` is 'Lt' or "
              "'Gt'",
              'matchFields[0].operator: Invalid value: "Exists": not a valid selector operator',
              'matchFields[0].key: Invalid value: "b": not a valid field selector key')]),
        ("affinity: {podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 0, podAffinityTerm: "
         "{topologyKey: a, namespaces: [A.b], matchLabelKeys: [x]}}]}}",
         [f"spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].{rest}"
          for rest in (
              "weight: Invalid value: 0: must be in the range 1-100",
              "podAffinityTerm.namespace: Invalid value: \"A.b\": a lowercase RFC 1123 label must consist of lower "
              "case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. "
              "'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
              "podAffinityTerm.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set")]),
        ("topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway, minDomains: 1, "
         "labelSelector: {matchLabels: {x: z}}, matchLabelKeys: [x]}]",
         ["spec.topologySpreadConstraints[0].minDomains: Invalid value: 1: can only use minDomains if "
          "whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
          'spec.topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value: "x": exists in both matchLabelKeys and '
          "labelSelector"]),
        ("schedulingGates: [{name: a/b}, {name: a/b}]\nnodeName: node",
         ['spec.schedulingGates[1]: Duplicate value: "a/b"',
          "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"]),
        # The rest
        ("restartPolicy: always\ndnsPolicy: None\nactiveDeadlineSeconds: 0",
         ['spec.restartPolicy: Unsupported value: "always": supported values: "Always", "OnFailure", "Never"',
          "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None",
          "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"]),
        ("ephemeralContainers: [{name: b, image: x, ports: [{containerPort: 1}], targetContainerName: c}]",
         ['spec.ephemeralContainers[0].targetContainerName: Not found: "c"',
          "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container",
          "spec.ephemeralContainers: Forbidden: cannot be set on create"]),
        ("resourceClaims: [{name: c}]",
         ['spec.resourceClaims[0]: Invalid value: {"Name":"c","ResourceClaimName":null,"ResourceClaimTemplateName":null'
          "}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"]),
        ("preemptionPolicy: x\noverhead: {cpu: -1}",
         ['spec.preemptionPolicy: Unsupported value: "x": supported values: "PreemptLowerPriority", "Never"',
          'spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0']),
    ],
)  # fmt: skip
def test_what_is_refused(spec: str, causes: list[str]) -> None:
    verdict = admit(spec)
    assert said(verdict) == causes
    assert verdict.code == 422


@pytest.mark.parametrize(
    ("annotations", "spec", "causes"),
    [
        ("controller.kubernetes.io/pod-deletion-cost: '+1'", "",
         ['metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "+1": must be a 32bit '
          "integer"]),
        ("kubernetes.io/config.mirror: x", "",
         ['metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod '
          "annotation is set"]),
        ("container.apparmor.security.beta.kubernetes.io/b: x", "",
         ['metadata.annotations[container.apparmor.security.beta.kubernetes.io/b]: Invalid value: "b": container not '
          'found', 'metadata.annotations[container.apparmor.security.beta.kubernetes.io/b]: Invalid value: "x": invalid '
          'AppArmor profile name: "x"']),
        ("seccomp.security.alpha.kubernetes.io/pod: unconfined",
         "securityContext: {seccompProfile: {type: RuntimeDefault}}",
         ["spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match"]),
    ],
)  # fmt: skip
def test_what_annotations_are_refused(annotations: str, spec: str, causes: list[str]) -> None:
    assert said(admit(spec, f"{{name: web, annotations: {{{annotations}}}}}")) == causes


@pytest.mark.parametrize(
    ("spec", "warnings"),
    [
        ("nodeSelector: {beta.kubernetes.io/os: linux}",
         ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead']),
        (in_container("env: [{name: A, value: a}, {name: A, value: $(A)b}, {name: A, value: c}]"),
         [f'{C}.env[2]: hides previous definition of "A", which may be dropped when using apply']),
        (in_container("resources: {requests: {memory: 100m}}"),
         [f'{C}.resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer']),
        (in_container("ports: [{containerPort: 80}, {containerPort: 80, hostPort: 80}]"),
         [f"{C}.ports[1]: overlapping port definition with {C}.ports[0]"]),
        (in_container("ports: [{containerPort: 80, hostPort: 80}, {containerPort: 80, hostPort: 80, hostIP: 1.1.1.1}]"),
         [f"{C}.ports[1]: dangerously ambiguous port definition with {C}.ports[0]"]),
        ("imagePullSecrets: [{name: a}, {name: a}, {}]",
         ['spec.imagePullSecrets[1].name: duplicate name "a"', 'spec.imagePullSecrets[2].name: invalid empty name ""']),
        ("hostAliases: [{ip: 1.1.1.1}, {ip: 1.1.1.1}]", ['spec.hostAliases[1].ip: duplicate ip "1.1.1.1"']),
        ("volumes: [{name: v, glusterfs: {endpoints: e, path: p}}]",
         ["spec.volumes[0].glusterfs: deprecated in v1.25, non-functional in v1.26+"]),
        ("volumes: [{name: v, secret: {secretName: s, items: [{key: a, path: p}, {key: b, path: p/q}]}}]",
         ['volume "v" (Secret "s"): overlapping paths: "p/q" with "p"']),
        ("topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}]",
         ["spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod"]),
        ("affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a}]}}",
         ["spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null "
          "labelSelector results in matching no pod"]),
        ("terminationGracePeriodSeconds: -1", []),
    ],
)  # fmt: skip
def test_warnings(spec: str, warnings: list[str]) -> None:
    verdict = admit(spec)
    assert verdict.accepted, verdict.message
    assert [warning.message for warning in verdict.warnings] == warnings


@pytest.mark.parametrize(
    ("spec", "since"),
    [
        (in_container("env: [{name: '1 a', value: b}]"), 32),
        ("dnsConfig: {searches: [_a.b]}", 33),
        ("volumes: [{name: v, image: {reference: x}}]", 35),
        (in_container("lifecycle: {preStop: {sleep: {seconds: 0}}}"), 33),
    ],
)
def test_what_a_later_version_accepts(spec: str, since: int) -> None:
    assert admit(spec, version=(1, since)).accepted
    assert not admit(spec, version=(1, since - 1)).accepted


def test_fields_without_their_gate_are_dropped() -> None:
    assert admit("hostnameOverride: A_b", version=(1, 34)).accepted
    assert not admit("hostnameOverride: A_b").accepted
    variable = in_container("env: [{name: A, valueFrom: {fileKeyRef: {volumeName: v, path: p, key: k}}}]")
    assert said(admit(variable, version=(1, 34))) == [
        f'{C}.env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, '
        "`configMapKeyRef` or `secretKeyRef`"
    ]
    assert admit(variable).accepted


def test_keys_that_a_pods_affinity_adds_itself() -> None:
    spec = (
        "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, labelSelector: "
        "{matchLabels: {app: b}}, matchLabelKeys: [app]}]}}"
    )
    at = "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]"
    assert said(admit(spec, "{name: web, labels: {app: b}}")) == [
        f'{at}[0]: Invalid value: "app": exists in both matchLabelKeys and labelSelector'
    ]
    assert admit(spec, "{name: web, labels: {tier: b}}").accepted


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        # A container may only be restarted by rules where the rules say how.
        (in_container("restartPolicyRules: [{action: x, exitCodes: {operator: In}}, {action: Restart}]"),
         [f"{C}.restartPolicy: Required value: must specify restartPolicy when restart rules are used",
          f'{C}.restartPolicyRules[0].action: Unsupported value: "x": supported values: "Restart"',
          f"{C}.restartPolicyRules[1].exitCodes: Required value: must be specified"]),
        ("restartPolicy: Never\n" + in_container("resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer}, "
                                                 "{resourceName: disk, restartPolicy: NotRequired}]"),
         [f"{C}.resizePolicy: Invalid value: \"RestartContainer\": must be 'NotRequired' when `restartPolicy` is 'Never'",
          f'{C}.resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"']),
        (in_container("terminationMessagePolicy: x"),
         [f'{C}.terminationMessagePolicy: Unsupported value: "x": supported values: "File", "FallbackToLogsOnError"']),
        (in_container("env: [{name: 'A=B', value: c}, {name: D, valueFrom: {configMapKeyRef: {name: x, key: a/b}}}]"),
         [f"{C}.env[0].name: Invalid value: \"A=B\": a valid environment variable name must consist only of printable "
          "ASCII characters other than '='", f"{C}.env[1].valueFrom.configMapKeyRef.key: Invalid value: \"a/b\": a valid "
          "config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
          "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"]),
        ("dnsConfig: {nameservers: [a], searches: ['.', A.b], options: [{value: x}]}",
         ["spec.dnsConfig.nameservers[0]: Invalid value: \"a\": must be a valid IP address, (e.g. 10.9.8.7 or "
          "2001:db8::ffff)", "spec.dnsConfig.searches[1]: Invalid value: \"A.b\": a lowercase RFC 1123 subdomain must "
          "consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric "
          "character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]"
          "([-_a-z0-9]*[a-z0-9])?)*')", "spec.dnsConfig.options[0]: Required value: must not be empty"]),
        ("volumes: [{name: v}]\n" + in_container("volumeMounts: [{name: v, mountPath: /a, recursiveReadOnly: Enabled, "
                                                  "mountPropagation: HostToContainer}]"),
         [f"{C}.volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true",
          f"{C}.volumeMounts.recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not "
          "specified"]),
        (in_container("securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}}"),
         [f'{C}.securityContext: Invalid value: {{"Capabilities":{{"Add":["CAP_SYS_ADMIN"],"Drop":null}},"Privileged":'
          'null,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,'
          '"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,'
          '"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` '
          "CAP_SYS_ADMIN"]),
        ("securityContext: {appArmorProfile: {type: Localhost, localhostProfile: ' a'}, seccompProfile: {type: "
         "Unconfined, localhostProfile: b}, supplementalGroups: [-1], seLinuxChangePolicy: MountOption}",
         ["spec.securityContext.supplementalGroups[0]: Invalid value: -1: must be between 0 and 2147483647, inclusive",
          'spec.securityContext.seccompProfile.localhostProfile: Invalid value: {"Type":"Unconfined",'
          '"LocalhostProfile":"b"}: can only be set when seccomp type is Localhost',
          'spec.securityContext.appArmorProfile.localhostProfile: Invalid value: " a": must not be padded with '
          "whitespace", 'spec.securityContext.seLinuxChangePolicy: Unsupported value: "MountOption": supported values: '
          '"Recursive"']),
        ("os: {name: x}", ['spec.os: Unsupported value: "x": supported values: "linux", "windows"']),
        ("readinessGates: [{conditionType: 'a b'}]",
         ["spec.readinessGates[0].conditionType: Invalid value: \"a b\": name part must consist of alphanumeric "
          "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or "
          "'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"]),
    ],
)  # fmt: skip
def test_what_is_rarely_written(spec: str, causes: list[str]) -> None:
    assert said(admit(spec)) == causes


@pytest.mark.parametrize(
    ("name", "details"),
    [
        ("a", []),
        ("NT AUTHORITY\\\\SYSTEM", []),
        ("", ["cannot be an empty string"]),
        ("a\\u0001", ["cannot contain control characters"]),
        ("a b_c..\\\\x", []),
        (":\\\\..", ["'s Domain doesn't match the NetBios nor the DNS format",
                     "'s User cannot contain only periods or spaces"]),
        ("a\\\\", ["'s User cannot be empty"]),
        ("a@b", ["'s User cannot contain the following characters: \"/\\:;|=,+*?<>@[]"]),
        ("a" * 105, ["'s User length must not be longer than 104 characters"]),
    ],
)  # fmt: skip
def test_names_of_windows_users(name: str, details: list[str]) -> None:
    verdict = admit(f'securityContext: {{windowsOptions: {{runAsUserName: "{name}"}}}}')
    assert [cause.body.rpartition(": runAsUserName")[2].lstrip() for cause in verdict.causes] == [
        detail.lstrip() for detail in details
    ]


def test_host_processes_come_all_or_none() -> None:
    verdict = admit(
        "hostNetwork: true\nsecurityContext: {windowsOptions: {hostProcess: true}}\n"
        "containers: [{name: a, image: x, securityContext: {windowsOptions: {hostProcess: false}}}, {name: b, image: x}]"
    )
    assert said(verdict) == [
        f"{C}.securityContext.windowsOptions.hostProcess: Invalid value: false: pod hostProcess value must be identical "
        "if both are specified, was true",
        'spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess '
        "containers",
    ]


def test_warnings_about_nodes() -> None:
    zone = "failure-domain.beta.kubernetes.io/zone"
    term = f"{{matchExpressions: [{{key: {zone}, operator: In, values: ['a b']}}]}}"
    verdict = admit(
        f"affinity: {{nodeAffinity: {{preferredDuringSchedulingIgnoredDuringExecution: [{{weight: 1, preference: {term}}}]"
        "}}\ntopologySpreadConstraints: [{maxSkew: 1, topologyKey: beta.kubernetes.io/os, whenUnsatisfiable: "
        "DoNotSchedule, labelSelector: {}}]"
    )
    at = "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0]"
    texts = [warning.message for warning in verdict.warnings]
    assert texts[0] == f'{at}.key: {zone} is deprecated since v1.17; use "topology.kubernetes.io/zone" instead'
    assert texts[1].startswith(f"{at}.values[0]: a b is invalid, a valid label must be")
    assert texts[2] == (
        "spec.topologySpreadConstraints[0].topologyKey: beta.kubernetes.io/os is deprecated since v1.14; use "
        '"kubernetes.io/os" instead'
    )


def test_old_annotations_are_warned_about() -> None:
    keys = ("seccomp.security.alpha.kubernetes.io/pod", "container.seccomp.security.alpha.kubernetes.io/a")
    verdict = admit("", f"{{name: web, annotations: {{{keys[0]}: unconfined, {keys[1]}: localhost/x}}}}")
    assert [warning.message for warning in verdict.warnings] == [
        f'metadata.annotations[{key}]: non-functional in v1.27+; use the "seccompProfile" field instead' for key in keys
    ]
    verdict = admit("", "{name: web, annotations: {container.apparmor.security.beta.kubernetes.io/a: unconfined}}")
    assert [warning.message for warning in verdict.warnings] == [
        "metadata.annotations[container.apparmor.security.beta.kubernetes.io/a]: deprecated since v1.30; use the "
        '"appArmorProfile" field instead'
    ]


def test_a_pods_requests_follow_from_what_is_given() -> None:
    verdict = admit("resources: {limits: {cpu: 2, memory: 1Gi}}\n" + in_container("resources: {limits: {cpu: 500m}}"))
    assert verdict.stored is not None
    spec = verdict.stored["spec"]
    assert spec["containers"][0]["resources"]["requests"] == {"cpu": "500m"}
    assert spec["resources"]["requests"] == {"cpu": "500m", "memory": "1Gi"}
