"""What depends on a broken Service is listed under the cause, and reported nowhere else."""

from svclint import registry, testing
from svclint.session import selected

WORLD = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: wbe
  ports:
    - port: 80
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:
  containers:
    - name: web
      image: registry.example.com/web:1
---
apiVersion: v1
kind: Pod
metadata:
  name: client
spec:
  containers:
    - name: client
      image: registry.example.com/client:1
      env:
        - name: WEB_URL
          value: http://web:80/
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
spec:
  defaultBackend:
    service:
      name: web
      port:
        number: 80
"""


def test_one_finding_names_all_that_depends_on_it() -> None:
    (found,) = testing.check_text(WORLD, selected(registry.rules().values())).diagnostics
    assert found.rule == "selector-typo"
    said = [(r.region.line, r.message) for r in found.related]
    assert said == [
        (16, 'Pod "web"'),
        (41, '2 things depend on this, Ingress "shop" among them'),
        (32, 'Pod "client" depends on this'),
    ]
