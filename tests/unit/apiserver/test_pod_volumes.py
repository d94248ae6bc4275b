"""What the server says of each kind of volume."""

from __future__ import annotations

from typing import Any

import pytest

from svclint.apiserver.admit import Verdict, admit_one
from svclint.kube.facts import Facts
from svclint.yaml import parse

V = "spec.volumes[0]"


def admit(volume: str, more: str = "") -> Verdict:
    spec: Any = parse(f"volumes: [{{name: v, {volume}}}]\n{more}", "spec.yaml").documents[0].value
    assert isinstance(spec, dict)
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "a", "image": "x:1"}], "serviceAccountName": "s", **spec},
    }
    return admit_one(pod, Facts())


def said(verdict: Verdict) -> list[str]:
    return [f"{cause.field}: {cause.body}" for cause in verdict.causes]


@pytest.mark.parametrize(
    ("volume", "causes"),
    [
        ("hostPath: {}", ["hostPath.path: Required value"]),
        ("emptyDir: {sizeLimit: -1}", ["emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity"]),
        ("gitRepo: {directory: ../a}", ["gitRepo.repository: Required value",
                                        'gitRepo.directory: Invalid value: "../a": must not contain \'..\'']),
        ("secret: {items: [{path: /a, mode: 512}]}",
         ["secret.secretName: Required value", "secret.items[0].key: Required value",
          'secret.items[0].path: Invalid value: "/a": must be a relative path',
          "secret.items[0].mode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive"]),
        ("configMap: {name: c, items: [{key: a, path: ..b}]}",
         ['configMap.items[0].path: Invalid value: "..b": must not start with \'..\'']),
        ("persistentVolumeClaim: {claimName: ''}", ["persistentVolumeClaim.claimName: Required value"]),
        ("awsElasticBlockStore: {volumeID: '', partition: -1}",
         ["awsElasticBlockStore.volumeID: Required value",
          "awsElasticBlockStore.partition: Invalid value: -1: must be between 1 and 255, inclusive"]),
        ("iscsi: {targetPortal: '', iqn: x, lun: 1, chapAuthSession: true, initiatorName: eui.1}",
         ["iscsi.targetPortal: Required value",
          'iscsi.iqn: Invalid value: "x": must be valid format starting with iqn, eui, or naa',
          "iscsi.secretRef: Required value", 'iscsi.initiatorname: Invalid value: "eui.1": must be valid format']),
        ("glusterfs: {endpoints: '', path: ''}", ["glusterfs.endpoints: Required value", "glusterfs.path: Required value"]),
        ("flocker: {}", ["flocker: Required value: one of datasetName and datasetUUID is required"]),
        ("flocker: {datasetName: a/b, datasetUUID: c}",
         ['flocker: Invalid value: "resource": datasetName and datasetUUID can not be specified simultaneously',
          "flocker.datasetName: Invalid value: \"a/b\": must not contain '/'"]),
        ("rbd: {monitors: [], image: ''}", ["rbd.monitors: Required value", "rbd.image: Required value"]),
        ("cinder: {volumeID: '', secretRef: {}}",
         ["cinder.volumeID: Required value", "cinder.secretRef.name: Required value"]),
        ("cephfs: {monitors: []}", ["cephfs.monitors: Required value"]),
        ("quobyte: {registry: '', volume: ''}",
         ["quobyte.registry: Required value: must be a host:port pair or multiple pairs separated by commas",
          "quobyte.volume: Required value"]),
        ("quobyte: {registry: 'a:1,b', volume: x}",
         ['quobyte.registry: Invalid value: "a:1,b": must be a host:port pair or multiple pairs separated by commas']),
        ("quobyte: {registry: '[::1]:80', volume: x}", []),
        ("downwardAPI: {items: [{path: ''}, {path: a, fieldRef: {fieldPath: spec.nodeName}}]}",
         ["downwardAPI.path: Required value",
          "downwardAPI: Required value: one of fieldRef and resourceFieldRef is required",
          'downwardAPI.fieldRef.fieldPath: Unsupported value: "spec.nodeName": supported values: '
          '"metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"']),
        ("downwardAPI: {items: [{path: a, resourceFieldRef: {resource: limits.disk}}, {path: b, resourceFieldRef: "
         "{containerName: a, resource: limits.disk, divisor: 3}}, {path: c, resourceFieldRef: {containerName: a, "
         "resource: limits.memory, divisor: 3}}]}",
         ["downwardAPI.resourceFieldRef.containerName: Required value",
          'downwardAPI.resourceFieldRef.resource: Unsupported value: "limits.disk": supported values: "limits.cpu", '
          '"limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", '
          '"requests.memory"',
          'downwardAPI.resourceFieldRef.divisor: Invalid value: "limits.memory": only divisor\'s values 1, 1k, 1M, 1G, '
          "1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the memory resource"]),
        ("fc: {}", ["fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both"]),
        ("fc: {targetWWNs: [a], wwids: [b]}",
         ['fc.targetWWNs: Invalid value: ["a"]: targetWWNs and wwids can not be specified simultaneously',
          "fc.lun: Required value: lun is required if targetWWNs is specified"]),
        ("flexVolume: {driver: '', options: {a.kubernetes.io/b: c}}",
         ["flexVolume.driver: Required value", 'flexVolume.options[a.kubernetes.io/b]: Invalid value: '
          '"a.kubernetes.io/b": kubernetes.io and k8s.io namespaces are reserved']),
        ("azureFile: {secretName: '', shareName: ''}",
         ["azureFile.secretName: Required value", "azureFile.shareName: Required value"]),
        ("vsphereVolume: {volumePath: ''}", ["vsphereVolume.volumePath: Required value"]),
        ("photonPersistentDisk: {pdID: ''}", ["photonPersistentDisk.pdID: Required value"]),
        ("portworxVolume: {volumeID: ''}", ["portworxVolume.volumeID: Required value"]),
        ("azureDisk: {diskName: '', diskURI: x, cachingMode: x, kind: Managed}",
         ["azureDisk.diskName: Required value",
          'azureDisk.cachingMode: Unsupported value: "x": supported values: "None", "ReadOnly", "ReadWrite"',
          'azureDisk.diskURI: Unsupported value: "x": supported values: "/subscriptions/{sub-id}/resourcegroups/'
          '{group-name}/providers/microsoft.compute/disks/{disk-id}"']),
        ("azureDisk: {diskName: d, diskURI: x}",
         ['azureDisk.diskURI: Unsupported value: "x": supported values: "https://{account-name}.blob.core.windows.net/'
          '{container-name}/{disk-name}.vhd"']),
        ("storageos: {volumeNamespace: A.b}",
         ["storageos.volumeName: Required value", 'storageos.volumeNamespace: Invalid value: "A.b": a lowercase RFC '
          "1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an "
          "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
          "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"]),
        ("scaleIO: {gateway: '', system: '', secretRef: {}}",
         ["scaleIO.gateway: Required value", "scaleIO.system: Required value", "scaleIO.volumeName: Required value"]),
        ("csi: {driver: '', nodePublishSecretRef: {}}",
         ["csi.driver: Required value", "csi.driver: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of "
          "lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. "
          "'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)"
          "*')", "csi.nodePublishSecretRef.name: Required value"]),
        ("ephemeral: {}", ["ephemeral.volumeClaimTemplate: Required value"]),
        ("ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOncePod, ReadWriteOnce], volumeMode: x, "
         "resources: {requests: {storage: 0}}, dataSource: {name: a, kind: b}}}}",
         [f"ephemeral.volumeClaimTemplate.spec.{rest}" for rest in (
             "accessModes: Forbidden: may not use ReadWriteOncePod with other access modes",
             'resources[storage]: Invalid value: "0": must be greater than zero',
             'volumeMode: Unsupported value: "x": supported values: "Block", "Filesystem"',
             'dataSource: Invalid value: "b": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
         )]),
        ("projected: {sources: [{configMap: {name: '', items: [{key: a, path: p}]}, downwardAPI: {items: [{path: p, "
         "fieldRef: {fieldPath: metadata.name}}]}}]}",
         ["projected.sources[0].configMap.name: Required value",
          'projected: Invalid value: "p": conflicting duplicate paths',
          "projected.sources[0]: Forbidden: may not specify more than 1 volume type per source"]),
        ("projected: {sources: [{serviceAccountToken: {path: ../t, expirationSeconds: 4294967297}}]}",
         ["projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 4294967297: may not specify a "
          "duration larger than 2^32 seconds", 'projected.path: Invalid value: "../t": must not contain \'..\'']),
        ("projected: {sources: [{clusterTrustBundle: {path: a}}, {clusterTrustBundle: {name: 'x:y', path: b}}, "
         "{clusterTrustBundle: {signerName: a, path: c}}, {clusterTrustBundle: {name: a, signerName: b.c/d, path: d}}]}",
         ["projected.sources[0].clusterTrustBundle: Required value: either name or signerName must be specified",
          "projected.sources[2].clusterTrustBundle.signerName: Invalid value: \"a\": must be a fully qualified domain "
          "and path of the form 'example.com/signer-name'",
          'projected.sources[3].clusterTrustBundle: Invalid value: {"Name":"a","SignerName":"b.c/d","LabelSelector":null,'
          '"Optional":null,"Path":"d"}: only one of name and signerName may be used']),
        ("image: {pullPolicy: x}",
         ["image.reference: Required value",
          'image.pullPolicy: Unsupported value: "x": supported values: "Always", "IfNotPresent", "Never"']),
    ],
)  # fmt: skip
def test_sources(volume: str, causes: list[str]) -> None:
    verdict = admit(volume)
    assert said(verdict) == [f"{V}.{cause}" for cause in causes]
    assert verdict.accepted == (not causes)


def test_a_claim_that_an_ephemeral_volume_makes_is_nobody_elses() -> None:
    template = "{volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}"
    verdict = admit(f"ephemeral: {template}}}, {{name: w, persistentVolumeClaim: {{claimName: web-v}}")
    assert said(verdict) == [
        'spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: "web-v": must not reference a PVC that gets '
        "created for an ephemeral volume"
    ]


def test_a_token_needs_an_account() -> None:
    verdict = admit("projected: {sources: [{serviceAccountToken: {path: t}}]}", "serviceAccountName: ''")
    assert said(verdict) == [
        f"{V}.projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not "
        "set"
    ]


def test_a_volume_without_a_source_is_an_empty_directory() -> None:
    verdict = admit("")
    assert verdict.stored is not None and verdict.stored["spec"]["volumes"] == [{"name": "v", "emptyDir": {}}]


@pytest.mark.parametrize(
    ("volume", "warnings"),
    [
        ("projected: {sources: [{secret: {name: s, items: [{key: a, path: t}]}}, {serviceAccountToken: {path: t}}]}",
         ['volume "v" (Projected ServiceAccountToken): overlapping paths: "t" with "t"',
          f'{V}.projected.sources.secrets[0]: has duplicated path with ServiceAccountToken "t"']),
        ("projected: {sources: [{}]}", ['volume "v" (Projected) has no sources provided']),
        ("configMap: {name: c, items: [{key: a, path: a/b/}, {key: b, path: a/b}]}",
         ['volume "v" (ConfigMap "c"): overlapping paths: "a/b" with "a/b"']),
        ("gitRepo: {repository: r}", [f"{V}.gitRepo: deprecated in v1.11, and disabled by default in v1.33+"]),
        ("storageos: {volumeName: w}", [f"{V}.storageOS: deprecated in v1.22, non-functional in v1.25+"]),
        ("ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1.5}}}"
         "}}", [f"{V}.ephemeral.volumeClaimTemplate.spec.resources.requests[storage]: fractional byte value \"1500m\" is "
                "invalid, must be an integer"]),
    ],
)  # fmt: skip
def test_warnings(volume: str, warnings: list[str]) -> None:
    verdict = admit(volume)
    assert [warning.message for warning in verdict.warnings] == warnings, verdict.message
