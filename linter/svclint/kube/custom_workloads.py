"""Custom resources that make pods: where their pod template stands, or which labels and ports their operator gives.

A row is here only when the operator's code is known to do so; any other custom kind is simply not a workload, and
`cluster.completeness` counts it among what may make pods.
"""

from __future__ import annotations

from typing import NamedTuple

GroupKind = tuple[str, str]


class TemplateAt(NamedTuple):
    """A pod template inside a custom resource: its path, the replicas' path, the selector's path and the keys of the
    labels that the controller adds. `labels_known` is False where the operator adds or replaces labels unpredictably.
    """

    path: tuple[str, ...]
    replicas: tuple[str, ...] | None = ("spec", "replicas")
    selector: tuple[str, ...] | None = ("spec", "selector")
    added: tuple[str, ...] = ()
    stateful: bool = False
    per_node: bool = False
    labels_known: bool = True


class OperatedPods(NamedTuple):
    """Pods that an operator makes without a template in the resource. `labels` and `name` hold `{name}`; `ports` are
    (name or the path of the field that names it and its default, number, protocol)."""

    labels: dict[str, str]
    pod_metadata: tuple[str, ...]
    stateful_name: str
    ports: tuple[tuple[str, int, str], ...]
    service_name: str
    replicas: tuple[str, ...] = ("spec", "replicas")
    port_name: tuple[str, ...] | None = None


_TEMPLATE = ("spec", "template")

TEMPLATES: dict[GroupKind, tuple[TemplateAt, ...]] = {
    # Argo Rollouts: utils/hash and rollout controller add the hash label.
    ("argoproj.io", "Rollout"): (TemplateAt(_TEMPLATE, added=("rollouts-pod-template-hash",)),),
    # OpenKruise workloads follow the built-in ones.
    ("apps.kruise.io", "CloneSet"): (
        TemplateAt(
            _TEMPLATE, added=("controller-revision-hash", "pod-template-hash", "apps.kruise.io/cloneset-instance-id")
        ),
    ),
    ("apps.kruise.io", "StatefulSet"): (
        TemplateAt(_TEMPLATE, added=("controller-revision-hash", "statefulset.kubernetes.io/pod-name"), stateful=True),
    ),
    ("apps.kruise.io", "DaemonSet"): (
        TemplateAt(
            _TEMPLATE, replicas=None, added=("controller-revision-hash", "pod-template-generation"), per_node=True
        ),
    ),
    # Knative: pods are scaled to zero and back, and carry serving.knative.dev labels.
    ("serving.knative.dev", "Service"): (
        TemplateAt(
            _TEMPLATE,
            replicas=None,
            selector=None,
            added=(
                "app",
                "pod-template-hash",
                "serving.knative.dev/configuration",
                "serving.knative.dev/configurationGeneration",
                "serving.knative.dev/configurationUID",
                "serving.knative.dev/revision",
                "serving.knative.dev/revisionUID",
                "serving.knative.dev/service",
                "serving.knative.dev/serviceUID",
            ),
        ),
    ),
    ("sparkoperator.k8s.io", "SparkApplication"): (
        TemplateAt(("spec", "driver", "template"), replicas=None, selector=None, labels_known=False),
        TemplateAt(("spec", "executor", "template"), replicas=None, selector=None, labels_known=False),
    ),
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"): (
        TemplateAt(
            ("spec", "leaderWorkerTemplate", "leaderTemplate"), selector=None, labels_known=False, stateful=True
        ),
        TemplateAt(
            ("spec", "leaderWorkerTemplate", "workerTemplate"), selector=None, labels_known=False, stateful=True
        ),
    ),
    ("apps.openshift.io", "DeploymentConfig"): (TemplateAt(_TEMPLATE, added=("deployment", "deploymentconfig")),),
}

OPERATED: dict[GroupKind, OperatedPods] = {
    # prometheus-operator pkg/prometheus/server/statefulset.go, pkg/prometheus/common.go
    ("monitoring.coreos.com", "Prometheus"): OperatedPods(
        {
            "app.kubernetes.io/instance": "{name}",
            "app.kubernetes.io/managed-by": "prometheus-operator",
            "app.kubernetes.io/name": "prometheus",
            "operator.prometheus.io/name": "{name}",
            "operator.prometheus.io/shard": "0",
            "prometheus": "{name}",
        },
        ("spec", "podMetadata"),
        "prometheus-{name}",
        (("web", 9090, "TCP"), ("reloader-web", 8080, "TCP")),
        "prometheus-operated",
        port_name=("spec", "portName"),
    ),
    # prometheus-operator pkg/alertmanager/statefulset.go
    ("monitoring.coreos.com", "Alertmanager"): OperatedPods(
        {
            "alertmanager": "{name}",
            "app.kubernetes.io/instance": "{name}",
            "app.kubernetes.io/managed-by": "prometheus-operator",
            "app.kubernetes.io/name": "alertmanager",
        },
        ("spec", "podMetadata"),
        "alertmanager-{name}",
        (("web", 9093, "TCP"), ("mesh-tcp", 9094, "TCP"), ("mesh-udp", 9094, "UDP"), ("reloader-web", 8080, "TCP")),
        "alertmanager-operated",
        port_name=("spec", "portName"),
    ),
    # prometheus-operator pkg/thanos/statefulset.go
    ("monitoring.coreos.com", "ThanosRuler"): OperatedPods(
        {
            "app.kubernetes.io/instance": "{name}",
            "app.kubernetes.io/managed-by": "prometheus-operator",
            "app.kubernetes.io/name": "thanos-ruler",
            "thanos-ruler": "{name}",
        },
        ("spec", "podMetadata"),
        "thanos-ruler-{name}",
        (("web", 10902, "TCP"), ("grpc", 10901, "TCP"), ("reloader-web", 8080, "TCP")),
        "thanos-ruler-operated",
        port_name=("spec", "portName"),
    ),
}

# Kinds whose operator certainly makes pods, with labels that the resource doesn't tell.
MAKES_UNKNOWN_PODS: frozenset[GroupKind] = frozenset(
    {
        ("kafka.strimzi.io", "Kafka"),
        ("kafka.strimzi.io", "KafkaConnect"),
        ("kafka.strimzi.io", "KafkaBridge"),
        ("kafka.strimzi.io", "KafkaMirrorMaker2"),
        ("postgresql.cnpg.io", "Cluster"),
        ("acid.zalan.do", "postgresql"),
        ("postgres-operator.crunchydata.com", "PostgresCluster"),
        ("elasticsearch.k8s.elastic.co", "Elasticsearch"),
        ("kibana.k8s.elastic.co", "Kibana"),
        ("mysql.oracle.com", "InnoDBCluster"),
        ("pxc.percona.com", "PerconaXtraDBCluster"),
        ("psmdb.percona.com", "PerconaServerMongoDB"),
        ("mongodbcommunity.mongodb.com", "MongoDBCommunity"),
        ("rabbitmq.com", "RabbitmqCluster"),
        ("redis.redis.opstreelabs.in", "Redis"),
        ("redis.redis.opstreelabs.in", "RedisCluster"),
        ("databases.spotahome.com", "RedisFailover"),
        ("cassandra.datastax.com", "CassandraDatacenter"),
        ("minio.min.io", "Tenant"),
        ("argoproj.io", "Workflow"),
        ("argoproj.io", "EventBus"),
        ("argoproj.io", "EventSource"),
        ("argoproj.io", "Sensor"),
        ("jaegertracing.io", "Jaeger"),
        ("opentelemetry.io", "OpenTelemetryCollector"),
        ("grafana.integreatly.org", "Grafana"),
        ("loki.grafana.com", "LokiStack"),
        ("tempo.grafana.com", "TempoStack"),
        ("monitoring.coreos.com", "PrometheusAgent"),
        ("operator.victoriametrics.com", "VMSingle"),
        ("operator.victoriametrics.com", "VMCluster"),
        ("operator.victoriametrics.com", "VMAgent"),
        ("k8s.keycloak.org", "Keycloak"),
        ("flink.apache.org", "FlinkDeployment"),
        ("ray.io", "RayCluster"),
        ("ray.io", "RayService"),
        ("jobset.x-k8s.io", "JobSet"),
        ("kubeflow.org", "Notebook"),
        ("kubeflow.org", "PyTorchJob"),
        ("kubeflow.org", "TFJob"),
        ("kubeflow.org", "MPIJob"),
        ("serving.kserve.io", "InferenceService"),
        ("helm.toolkit.fluxcd.io", "HelmRelease"),
        ("kustomize.toolkit.fluxcd.io", "Kustomization"),
        ("argoproj.io", "Application"),
        ("argoproj.io", "ApplicationSet"),
        ("helm.cattle.io", "HelmChart"),
        ("install.istio.io", "IstioOperator"),
        ("operators.coreos.com", "Subscription"),
        ("ceph.rook.io", "CephCluster"),
        ("ceph.rook.io", "CephObjectStore"),
        ("gateway.networking.k8s.io", "Gateway"),
        ("projectcontour.io", "ContourDeployment"),
        ("operator.tigera.io", "Installation"),
        ("vitess.planetscale.com", "VitessCluster"),
        ("tidb.pingcap.com", "TidbCluster"),
        ("clickhouse.altinity.com", "ClickHouseInstallation"),
        ("zookeeper.pravega.io", "ZookeeperCluster"),
        ("nats.io", "NatsCluster"),
        ("core.oam.dev", "Application"),
    }
)

# Groups whose custom resources configure something and make no pods that a Service would select; any other custom
# resource may make some.
MAKES_NO_PODS: frozenset[str] = frozenset(
    {
        "access.smi-spec.io",
        "acme.cert-manager.io",
        "autoscaling.k8s.io",
        "bitnami.com",
        "cert-manager.io",
        "cilium.io",
        "cloud.google.com",
        "config.openshift.io",
        "configuration.konghq.com",
        "constraints.gatekeeper.sh",
        "crd.projectcalico.org",
        "elbv2.k8s.aws",
        "extensions.hive.openshift.io",
        "extensions.istio.io",
        "external-secrets.io",
        "gateway.envoyproxy.io",
        "gateway.networking.k8s.io",
        "gateway.networking.x-k8s.io",
        "generators.external-secrets.io",
        "getambassador.io",
        "hub.traefik.io",
        "image.openshift.io",
        "image.toolkit.fluxcd.io",
        "k8s.nginx.org",
        "karpenter.k8s.aws",
        "karpenter.sh",
        "kustomize.config.k8s.io",
        "kyverno.io",
        "linkerd.io",
        "metallb.io",
        "metrics.k8s.io",
        "monitoring.coreos.com",
        "multicluster.x-k8s.io",
        "mutations.gatekeeper.sh",
        "networking.gke.io",
        "networking.istio.io",
        "notification.toolkit.fluxcd.io",
        "policy.linkerd.io",
        "policy.networking.k8s.io",
        "project.openshift.io",
        "projectcalico.org",
        "projectcontour.io",
        "reports.kyverno.io",
        "route.openshift.io",
        "secrets-store.csi.x-k8s.io",
        "security.istio.io",
        "security.openshift.io",
        "snapshot.storage.k8s.io",
        "source.toolkit.fluxcd.io",
        "specs.smi-spec.io",
        "split.smi-spec.io",
        "telemetry.istio.io",
        "templates.gatekeeper.sh",
        "traefik.containo.us",
        "traefik.io",
        "trust.cert-manager.io",
        "ui.cattle.io",
        "wgpolicyk8s.io",
    }
)


def may_make_pods(group: str, kind: str) -> bool:
    """Whether an object of this custom kind may make pods that the manifests don't tell. Groups of Kubernetes itself
    have no dot or end in `k8s.io` without being custom."""
    if (group, kind) in MAKES_UNKNOWN_PODS:
        return True
    if (group, kind) in TEMPLATES or (group, kind) in OPERATED or group in MAKES_NO_PODS:
        return False
    return group not in _BUILT_IN_GROUPS


_BUILT_IN_GROUPS: frozenset[str] = frozenset(
    {
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "audit.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "extensions",
        "flowcontrol.apiserver.k8s.io",
        "imagepolicy.k8s.io",
        "internal.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    }
)
