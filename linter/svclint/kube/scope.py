"""Which kinds live in a namespace. Built-in ones as the API server's discovery says; a custom kind is taken to be
namespaced unless it is listed here or its CustomResourceDefinition among the sources says otherwise."""

from __future__ import annotations

CLUSTER_SCOPED: frozenset[tuple[str, str]] = frozenset(
    (group, kind)
    for group, kinds in {
        "": "Namespace Node PersistentVolume ComponentStatus",
        "admissionregistration.k8s.io": (
            "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration "
            "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration"
        ),
        "apiextensions.k8s.io": "CustomResourceDefinition",
        "apiregistration.k8s.io": "APIService",
        "authentication.k8s.io": "SelfSubjectReview TokenReview",
        "authorization.k8s.io": "SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
        "certificates.k8s.io": "CertificateSigningRequest ClusterTrustBundle",
        "extensions": "PodSecurityPolicy",
        "flowcontrol.apiserver.k8s.io": "FlowSchema PriorityLevelConfiguration",
        "internal.apiserver.k8s.io": "StorageVersion",
        "networking.k8s.io": "IPAddress IngressClass ServiceCIDR ClusterCIDR",
        "node.k8s.io": "RuntimeClass",
        "policy": "PodSecurityPolicy",
        "policy.networking.k8s.io": "AdminNetworkPolicy BaselineAdminNetworkPolicy ClusterNetworkPolicy",
        "rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding",
        "resource.k8s.io": "DeviceClass ResourceSlice DeviceTaintRule",
        "scheduling.k8s.io": "PriorityClass",
        "storage.k8s.io": "CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass",
        "storagemigration.k8s.io": "StorageVersionMigration",
        # Custom kinds that manifests often hold without their definition.
        "gateway.networking.k8s.io": "GatewayClass",
        "cert-manager.io": "ClusterIssuer",
        "cilium.io": (
            "CiliumClusterwideNetworkPolicy CiliumClusterwideEnvoyConfig CiliumNode CiliumIdentity "
            "CiliumLoadBalancerIPPool CiliumCIDRGroup CiliumBGPClusterConfig CiliumL2AnnouncementPolicy"
        ),
        "crd.projectcalico.org": "GlobalNetworkPolicy GlobalNetworkSet IPPool BGPConfiguration FelixConfiguration",
        "projectcalico.org": "GlobalNetworkPolicy GlobalNetworkSet IPPool BGPConfiguration FelixConfiguration",
        "external-secrets.io": "ClusterSecretStore ClusterExternalSecret",
        "karpenter.sh": "NodePool NodeClaim",
        "karpenter.k8s.aws": "EC2NodeClass",
        "kyverno.io": "ClusterPolicy ClusterCleanupPolicy",
        "snapshot.storage.k8s.io": "VolumeSnapshotClass VolumeSnapshotContent",
        "security.openshift.io": "SecurityContextConstraints",
        "config.openshift.io": "Ingress DNS Network Proxy ClusterOperator ClusterVersion",
        "templates.gatekeeper.sh": "ConstraintTemplate",
        "keda.sh": "ClusterTriggerAuthentication",
        "operator.tigera.io": "Installation APIServer",
    }.items()
    for kind in kinds.split()
)


def is_namespaced(group: str, kind: str) -> bool:
    """Whether objects of this kind live in a namespace."""
    return (group, kind) not in CLUSTER_SCOPED
