"""What is an unrendered template, and what only has braces in it."""

from __future__ import annotations

import pytest

from svclint.yaml import parse

HEAD = "apiVersion: v1\nkind: ConfigMap\n"
TEMPLATES = [
    "{{- if .Values.on }}\na: 1\n{{- end }}\n",
    "a: {{ .Values.x }}\n",
    'metadata:\n  labels:\n    {{- include "x.labels" . | nindent 4 }}\n',
    "a: 1\n{% if x %}\nb: 2\n{% endif %}\n",
    "a: 1\n{# note #}\nb: 2\n",
    "a: [x{{ b }}, c]\n",
    "a: {b: ${PORT}}\n",
    "- {{ item }}\n",
    HEAD + "metadata:\n  name: ${NAME}\n",
    HEAD + "metadata:\n  name: '{{ name }}-config'\n",
    HEAD + "metadata:\n  labels:\n    ${KEY}: x\n",
    "apiVersion: v1\nkind: Service\nspec:\n  ports:\n  - port: ${PORT}\n",
    "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - image: x:${TAG}\n",
    "apiVersion: v1\nkind: '{{ kind }}'\n",
    "apiVersion: example.com/v1\nkind: Thing\nmetadata:\n  namespace: ${NS}\n",
    # The block's own braces are data, the header's are not.
    "kind: {{ x }}\ndata:\n  a: |\n    {{ y }}\n",
]
ORDINARY = [
    HEAD + "data:\n  alert: |\n    {{ $labels.pod }}\n    {% raw %}\n  other: '{{ x }}'\n",
    HEAD + "metadata:\n  annotations:\n    summary: '{{ $value }}'\n",
    "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - args: ['$(VAR)', '${VAR}']\n    command: [sh, -c, 'echo ${X}']\n"
    "    env:\n    - name: A\n      value: ${B}\n",
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: $(NAME)\nspec:\n  hostname: a\n",
    "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: x\nspec:\n  name: '{{$x}}'\n",
    "apiVersion: v1\nkind: Thing\ndescription: use {{ this }} so\n",
    "name: '{{ x }}'\nvalue: ${Y}\n",
    "a: '{'\nb: \"{{\"\n",
]


@pytest.mark.parametrize("text", TEMPLATES)
def test_a_template_is_skipped_with_its_mark_shown(text: str) -> None:
    source = parse("ok: 1\n---\n" + text, "x.yaml")
    first, document = source.documents
    assert first.value == {"ok": 1}
    assert document.value is None
    (problem,) = document.problems
    assert problem.kind == "template"
    assert source.text[problem.span.start] in "{$'x-"
    assert "{" in source.text[slice(*problem.span)]


@pytest.mark.parametrize("text", ORDINARY)
def test_data_with_braces_is_read(text: str) -> None:
    (document,) = parse(text, "x.yaml").documents
    assert document.problems == ()
    assert document.value is not None


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "data:\n  a: |\n    {{ x }}\n b: 1\n",
        "a: '{{ x }}'\n  b: 1\n",
        "a: ${X}\n  b: 1\n",
        "a: 1 # {{ x }}\n  b: [\n",
    ],
)
def test_braces_do_not_excuse_another_fault(text: str) -> None:
    (document,) = parse(text, "x.yaml").documents
    assert [problem.kind for problem in document.problems] == ["syntax"]


def test_a_readable_template_keeps_its_value_for_those_who_ask_the_server() -> None:
    (document,) = parse(HEAD + "metadata:\n  name: ${NAME}\n", "x.yaml").documents
    assert document.value is None
    assert document.literal == {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "${NAME}"}}


@pytest.mark.parametrize(
    "text",
    ["a: [" + "{{" * 20_000, "{{}}" * 2_000 + "x: [", "a: '" + "{%" * 20_000 + "\n", "a: [\n" + "{{ x }} " * 2_000],
)
def test_many_marks_are_no_trouble(text: str) -> None:
    (document,) = parse(text, "x.yaml").documents
    assert document.value is None
