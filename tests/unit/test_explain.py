"""Pages of rules and topics, their languages, and the verb that shows them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from svclint import explain, language
from svclint.cli import root
from svclint.cli.explain import explain as verb
from svclint.cli.rules import rules as rules_verb
from svclint.registry import rules
from svclint.rule import Option, Rule
from svclint.session import selected
from svclint.testing import check_text
from svclint.yaml import parse

TOPICS = [
    "services",
    "selectors",
    "ports",
    "clusterip",
    "nodeport",
    "loadbalancer",
    "externalname",
    "headless",
    "external-ips",
    "endpoints",
    "dns",
    "kube-proxy",
    "ingress",
    "creation-flow",
    "network-policy",
    "naming",
    "which-type",
    "statefulset",
    "gateway",
    "manifests",
]

DOC = """A Service that is wrong
in two lines.

Why it fails.

Symptoms: connection refused,
  NXDOMAIN

```yaml bad
a: 1  # error: no
```
```diff fix
-a: 1
+a: 2
```
```yaml good
a: 2
```
"""


def nothing() -> None:
    """Stands for a rule's check."""


def rule(doc: str = DOC, **more: object) -> Rule:
    made = Rule("a-rule", nothing, object, "warning", "0.2", doc, "pack.external_name.a_rule", {}, (), True)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def named_rules(text: str) -> set[str]:
    """The rules that a page names among the mistakes: in brackets, after what they find."""
    mistakes = re.split("^## (?:Common mistakes|常见错误)$", text, flags=re.MULTILINE)[1]
    inside = re.findall("[(（]([^()（）]*)[)）]", mistakes)
    return {name for part in inside for name in re.findall("`([a-z]+(?:-[a-z]+)*-[a-z]+)`", part)}


def run(*arguments: str, **environ: str):
    base = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}
    return CliRunner().invoke(verb, arguments, env={**base, **environ}, standalone_mode=True)


class TestRulePages:
    def test_the_docstring_taken_apart(self) -> None:
        page = explain.rule_page(rule())
        assert page.summary == "A Service that is wrong in two lines."
        assert page.description == "Why it fails."
        assert page.symptoms == ("connection refused", "NXDOMAIN")
        assert page.group == "external-name"

    def test_the_blocks_become_plain_markdown_under_headings(self) -> None:
        text = explain.rule_page(rule()).markdown
        assert "## Wrong\n\n```yaml\na: 1  # error: no\n```" in text
        assert "## The fix\n\n```diff\n-a: 1\n+a: 2\n```" in text
        assert "## Right\n\n```yaml\na: 2\n```" in text
        assert text.count("Symptoms") == 1
        assert "**warning** · on by default · since 0.2 · offers a fix" in text
        assert "\n\n\n" not in text

    def test_options_are_listed(self) -> None:
        text = explain.rule_page(
            rule(options={"ports": Option(("a", "b"), "Ports."), "on": Option(True, "On.")})
        ).markdown
        assert '- `ports` (default `["a", "b"]`): Ports.' in text
        assert "- `on` (default `true`): On." in text

    @pytest.mark.parametrize("doc", ["", "\n", "One line", "```yaml bad\n", "Symptoms:", "```yaml bad\na\n```"])
    def test_any_docstring_gives_a_page(self, doc: str) -> None:
        page = explain.rule_page(rule(doc, module="a_rule"))
        assert page.summary
        assert page.markdown.startswith("# a-rule\n")
        assert page.group == "a-rule"

    def test_every_registered_rule_has_a_summary_of_its_own(self) -> None:
        for each in rules().values():
            page = explain.rule_page(each)
            assert page.summary.endswith("."), each.name
            assert "```" not in page.summary, each.name


class TestTopics:
    def test_every_topic_is_there_in_both_languages(self) -> None:
        assert sorted(explain.topics("en")) == sorted(TOPICS)
        chinese = explain.topics("zh-Hans")
        assert sorted(chinese) == sorted(TOPICS)
        assert all(topic.language == "zh-Hans" for topic in chinese.values())

    @pytest.mark.parametrize("name", TOPICS)
    @pytest.mark.parametrize("spoken", ["en", "zh-Hans"])
    def test_a_page_has_its_parts(self, name: str, spoken: str) -> None:
        topic = explain.topics(spoken)[name]
        assert topic.title and topic.summary and topic.also and topic.rules
        assert len(re.findall("^## ", topic.text, re.MULTILINE)) == 3
        assert "svclint " in topic.text
        assert (re.search("[\u4e00-\u9fff]", topic.title + topic.summary) is not None) == (spoken == "zh-Hans")

    @pytest.mark.parametrize("name", TOPICS)
    def test_both_languages_show_the_same_manifest(self, name: str) -> None:
        def values(spoken: str) -> list[object]:
            blocks = re.findall(r"^```yaml\n(.*?)^```", explain.topics(spoken)[name].text, re.MULTILINE | re.DOTALL)
            assert blocks
            return [document.value for block in blocks for document in parse(block, "a.yaml").documents]

        assert values("en") == values("zh-Hans")

    @pytest.mark.parametrize("name", TOPICS)
    def test_the_manifests_are_right(self, name: str) -> None:
        every = selected(rules().values())
        for block in re.findall(r"^```yaml\n(.*?)^```", explain.topics("en")[name].text, re.MULTILINE | re.DOTALL):
            report = check_text(block, every)
            assert report.crashes == ()
            said = [(d.rule, d.region.line, d.message) for d in report.diagnostics]
            if name == "external-ips":  # the field is deprecated, as the page says
                said = [each for each in said if "spec.externalIPs is deprecated" not in each[2]]
            assert said == []

    @pytest.mark.parametrize("name", TOPICS)
    def test_the_commands_answer(self, name: str, tmp_path: Path) -> None:
        text = explain.topics("en")[name].text
        (tmp_path / "m.yaml").write_text(
            "---\n".join(re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
        )
        for command in re.findall(r"`svclint ((?:resolve|dig) [^`]*[a-z][.:/][^`]*)`", text):
            done = CliRunner().invoke(root, [*command.split(), "--in", str(tmp_path)])
            assert done.exit_code == 0, f"{command}: {done.output}"
            assert "unresolved" not in done.output and "REFUSED" not in done.output, f"{command}: {done.output}"

    def test_patterns_of_rules_meet_rules(self) -> None:
        names = [f"{explain.group_of(r)}/{r.name}" for r in rules().values()]
        groups = {name.partition("/")[0] for name in names}
        for topic in explain.topics("en").values():
            for pattern in topic.rules:
                assert pattern.partition("/")[0] not in groups or any(
                    explain.fnmatchcase(name, pattern) for name in names
                ), f"{topic.name}: {pattern}"

    @pytest.mark.parametrize("name", TOPICS)
    def test_the_rules_that_a_page_names_are_there_and_listed(self, name: str) -> None:
        named = [named_rules(explain.topics(spoken)[name].text) for spoken in ("en", "zh-Hans")]
        assert named[0] == named[1]
        assert named[0] <= rules().keys()
        listed = {rule.name for rule in explain.rules_of(explain.topics("en")[name], rules())}
        assert named[0] <= listed

    def test_the_pages_name_the_rules_of_their_subjects(self) -> None:
        named = {rule for topic in explain.topics("en").values() for rule in named_rules(topic.text)}
        for each in rules().values():
            if explain.group_of(each) in ("network-policy", "gateway", "ingress", "node-port"):
                assert each.name in named, each.name
        assert {"service-link-clobber", "service-link-variable-missing", "well-known-image-port"} <= named

    def test_references_between_topics_lead_somewhere(self) -> None:
        for spoken in ("en", "zh-Hans"):
            for topic in explain.topics(spoken).values():
                for line in re.findall("^(?:See also: |另见：)(.*)[.。]$", topic.text, re.MULTILINE):
                    assert set(re.split(", |、", line)) <= set(TOPICS), topic.name
                for name in re.findall(r"\(see ([a-z-]+)\)|（见 ([a-z-]+)）", topic.text):
                    assert "".join(name) in TOPICS, topic.name

    @pytest.mark.parametrize(
        ("mistake", "topic", "words"),
        [
            ("protocol http", "ports", "`protocol: http`"),
            ("nginx without a declared port", "ports", "plain `nginx`"),
            ("nginx without a declared port", "ports", "`well-known-image-port`"),
            ("9376", "ports", "9376"),
            ("headless with externalName", "headless", "externalName"),
            ("headless with externalName", "externalname", "headless Service has no selector"),
            ("an IP address", "externalname", "An IP address"),
            ("generators", "manifests", "creationTimestamp: null"),
            ("a compose file", "manifests", "compose file"),
            ("no namespace", "selectors", "workloads are in `dev`"),
        ],
    )
    def test_every_mistake_of_the_tutorials_is_covered(self, mistake: str, topic: str, words: str) -> None:
        assert words in explain.topics("en")[topic].text, mistake

    @pytest.mark.parametrize(
        ("asked", "found"),
        [("Headless", "headless"), ("clusterip none", "headless"), ("CNI", "network-policy"), ("无头服务", "headless")],
    )
    def test_other_names(self, asked: str, found: str) -> None:
        topic = explain.find_topic(asked, "zh-Hans")
        assert topic is not None and topic.name == found

    def test_a_name_leads_to_one_topic(self) -> None:
        seen: dict[str, str] = {}
        for topic in explain.topics("en").values():
            for name in (topic.name, *topic.also):
                assert seen.setdefault(explain.fold(name), topic.name) == topic.name, name


class TestLanguage:
    @pytest.mark.parametrize(
        ("tag", "found"),
        [
            ("zh_CN.UTF-8", "zh-Hans"),
            ("zh-Hans", "zh-Hans"),
            ("zh", "zh-Hans"),
            ("zh_SG", "zh-Hans"),
            ("zh_TW.UTF-8", None),
            ("zh-Hant", None),
            ("zh-Hans-HK", "zh-Hans"),
            ("en_GB", "en"),
            ("C.UTF-8", "en"),
            ("POSIX", "en"),
            ("fr_FR@euro", None),
            ("../..", None),
        ],
    )
    def test_match(self, tag: str, found: str | None) -> None:
        assert language.match(tag) == found

    def test_the_first_variable_that_is_set_decides(self) -> None:
        assert language.choose(None, {"LC_ALL": "", "LC_MESSAGES": "zh_CN.UTF-8", "LANG": "en_US"}) == "zh-Hans"
        assert language.choose(None, {"LC_ALL": "C", "LANG": "zh_CN"}) == "en"
        assert language.choose(None, {"LANG": "fr_FR"}) == "en"
        assert language.choose(None, {}) == "en"
        assert language.choose("zh", {"LC_ALL": "C"}) == "zh-Hans"
        with pytest.raises(LookupError, match="en, zh-Hans"):
            language.choose("tlh", {})

    def test_a_template_is_matched_and_filled(self) -> None:
        template = language.template_of('no "{name}" in {place}; "{name}" is gone')
        values = template.match('no "a.b" in shop; "a.b" is gone')
        assert values == {"name": "a.b", "place": "shop"}
        assert language.fill("{place}里没有{name}{other}", values) == "shop里没有a.b{other}"
        assert template.match('no "a" in shop; "b" is gone') is None

    @pytest.mark.parametrize(
        ("template", "message", "values"),
        [
            ("abc", "abc", {}),
            ("abc", "abcd", None),
            ("{a}", "x y", {"a": "x y"}),
            ("{a} in {b}", "x in y in z", {"a": "x", "b": "y in z"}),
            ("a {a}.", "a x", None),
            ("aa {a} aa", "aa aa", None),
            ("{a}{b}", "xy", {"a": "", "b": "xy"}),
            ("a {x} b {x}", "a 1 b 1", {"x": "1"}),
        ],
    )
    def test_what_a_template_matches(self, template: str, message: str, values: dict[str, str] | None) -> None:
        assert language.template_of(template).match(message) == values

    def test_catalogues_speak_of_rules_that_there_are(self) -> None:
        for tag in language.available():
            for name, entries in language.catalogue(tag).items():
                assert name == "*" or name in rules(), f"{tag}: {name}"
                assert entries

    @pytest.mark.parametrize("tag", [tag for tag in language.available() if language.catalogue(tag)])
    def test_a_translation_fills_only_holes_that_its_template_has(self, tag: str) -> None:
        for name, entries in language.catalogue(tag).items():
            for entry in entries:
                holes = set(re.findall(r"\{([a-z_][a-z0-9_]*)\}", entry.translation))
                assert holes <= set(entry.template.holes), f"{name}: {entry.translation}"

    @pytest.mark.parametrize("tag", [tag for tag in language.available() if language.catalogue(tag)])
    def test_every_template_is_the_first_that_fits_what_it_makes(self, tag: str) -> None:
        """None is hidden by another one of its rule, whatever names stand in the holes."""
        for name, entries in language.catalogue(tag).items():
            for entry in entries:
                template = entry.template
                values = {hole: f"x{number}" for number, hole in enumerate(template.holes)}
                parts = [values[hole] + text for hole, text in zip(template.holes, template.literals[1:], strict=True)]
                message = template.literals[0] + "".join(parts)
                assert language.translate(name, message, tag) == language.fill(entry.translation, values), message

    @pytest.mark.parametrize(
        ("name", "message", "said"),
        [
            (
                "network-policy-blocks-reference",
                'connections of Pod "a" (2 more clients: b, c) to db:5432 are dropped: NetworkPolicies "d/x" and "d/y" '
                "isolate d/Pod/db for ingress and no rule allows 5432/TCP from d/Pod/a: the rule for it allows 80/TCP only",
                'Pod "a"（另有 2 个客户端：b、c）到 db:5432 的连接会被丢弃：多个 NetworkPolicy（"d/x" 和 "d/y"）在 ingress '
                "方向隔离了 d/Pod/db，没有规则允许来自 d/Pod/a 的 5432/TCP：针对它的规则只允许 80/TCP",
            ),
            (
                "route-not-allowed",
                'no listener of Gateway "g" in namespace "infra" takes it: listener "tls" of Gateway "g" (TLS) takes '
                'TLSRoute, not HTTPRoute: no request reaches HTTPRoute "r" this way',
                '命名空间 "infra" 中的 Gateway "g" 没有监听器接纳它：Gateway "g" 的监听器 "tls"（TLS）接纳 TLSRoute，'
                '不接纳 HTTPRoute：没有请求能由此到达 HTTPRoute "r"',
            ),
            (
                "unknown-target-port-name",
                'no container of Pod "a" and Pod "b" has a port named "web" (none of their ports has a name): connections '
                'to port 80 of Service "s" are refused',
                'Pod "a" 和 Pod "b" 没有容器有名为 "web" 的端口（它们的端口都没有名字）：到 Service "s" 端口 80 的连接会被拒绝',
            ),
        ],
    )
    def test_rarer_wordings_are_translated_to_the_end(self, name: str, message: str, said: str) -> None:
        assert language.translate(name, message, "zh-Hans") == said

    @pytest.mark.parametrize(
        ("rule", "message", "said"),
        [
            (
                "well-known-image-port",
                'port 80 of Service "a" leads to 1, and the image x:1 of Pod "p" listens at 80, 81 or 82: connections are '
                "refused",
                "80、81 或 82",
            ),
            (
                "network-policy-blocks-reference",
                'connections of Pod "a" to db:1 are dropped: NetworkPolicies "d/x", "d/y", "d/z" and 2 more isolate '
                "d/Pod/db for ingress and no rule allows 1/TCP from d/Pod/a",
                '"d/x"、"d/y"、"d/z" 和 另外 2 个',
            ),
            ("external-name-ip-address", "make it a Service", "make it a Service"),
            ("selector-typo", 'Deployment "this and that" depends on this', '"this and that" 依赖它'),
            ("selector-typo", 'port of Service "a, b"', '"a, b"'),
            ("selector-typo", '2 things depend on this, Pod "a" among them', '有 2 个对象依赖它，其中有 Pod "a"'),
        ],
    )
    def test_words_between_names_are_translated_and_what_is_quoted_is_not(
        self, rule: str, message: str, said: str
    ) -> None:
        assert said in language.translate(rule, message, "zh-Hans")

    def test_what_no_template_fits_stays(self) -> None:
        assert language.translate("a-rule", "message", "zh-Hans") == "message"


class TestVerb:
    def test_without_a_name_it_lists_the_topics(self) -> None:
        out = run().output
        assert all(f"  {name} " in out for name in TOPICS)

    def test_a_rule(self) -> None:
        found = run("selector-typo")
        assert found.exit_code == 0
        assert found.output.startswith("selector-typo\n=============\n")
        assert "```" not in found.output

    def test_a_topic_with_its_rules(self) -> None:
        out = run("selectors", "--output-format", "markdown").output
        assert out.startswith("# Selectors: ")
        assert "`selector-typo`" in out
        assert "Rules:" not in out and "Also:" not in out

    def test_chinese_by_locale_and_by_option(self) -> None:
        assert "无头服务" in run("headless", LC_ALL="zh_CN.UTF-8").output
        assert "无头服务" in run("headless", "--language", "zh-Hans").output

    def test_json(self) -> None:
        one = json.loads(run("dns", "--output-format", "json").output)
        assert (one["name"], one["kind"], one["language"]) == ("dns", "topic", "en")
        both = json.loads(run("dns", "selector-typo", "--output-format", "json").output)
        assert [each["kind"] for each in both] == ["topic", "rule"]
        listed = json.loads(run("--output-format", "json").output)
        assert [each["name"] for each in listed] == sorted(TOPICS)

    def test_all(self) -> None:
        every = json.loads(run("--all", "--output-format", "json").output)
        assert {each["name"] for each in every} == {*TOPICS, *rules()}

    def test_words_that_make_one_name(self) -> None:
        assert "NetworkPolicy" in run("network", "policy").output

    @pytest.mark.parametrize(("asked", "hint"), [("headles", "headless"), ("selector-tipo", "selector-typo")])
    def test_an_unknown_name_suggests_the_nearest(self, asked: str, hint: str) -> None:
        found = run(asked)
        assert found.exit_code != 0
        assert f"did you mean {hint}" in found.output

    def test_an_unknown_language_is_bad_usage(self) -> None:
        found = run("dns", "--language", "tlh")
        assert found.exit_code != 0
        assert "zh-Hans" in found.output

    def test_topics_can_be_read_beside_a_broken_pack(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from svclint import registry

        broken = registry.Registry(registry.rules(), ("rule pack x is broken",))
        monkeypatch.setattr(registry, "installed", lambda: broken)
        assert run("dns").exit_code == run("selector-typo").exit_code == 0
        found = run("a-rule-of-pack-x")
        assert found.exit_code != 0 and "rule pack x is broken" in found.output


class TestRulesVerb:
    @pytest.mark.parametrize("shape", ["text", "markdown"])
    def test_one_line_a_rule(self, shape: str) -> None:
        done = CliRunner().invoke(rules_verb, ["--output-format", shape])
        assert done.exit_code == 0
        lines = done.output.splitlines()[2 if shape == "markdown" else 0 :]
        assert [re.split(r"[ `|]+", "|" + line)[1] for line in lines] == sorted(rules())

    def test_json(self) -> None:
        listed = json.loads(CliRunner().invoke(rules_verb, ["--output-format", "json"]).output)
        by_name = {each["name"]: each for each in listed}
        assert by_name.keys() == rules().keys()
        assert by_name["selector-typo"]["group"] == "selectors"
        assert "connection refused" in by_name["selector-typo"]["symptoms"]

    def test_a_broken_pack_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from svclint import registry

        broken = registry.Registry(registry.rules(), ("rule pack x is broken",))
        monkeypatch.setattr(registry, "installed", lambda: broken)
        done = CliRunner().invoke(rules_verb, [])
        assert "rule pack x is broken" in done.output and "selector-typo" in done.output


SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: %s\n"
POD = (
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: a}%s}\n"
    "spec: {containers: [{name: c, image: registry.example.com/c:1, ports: [{containerPort: 80}]}]}\n"
)
SELECTED = "{selector: {app: a}, ports: [{port: 80%s}]}"
IMAGE = (
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
    "spec: {selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}},\n"
    "  spec: {containers: [{name: web, image: 'nginx:1.13'}]}}}\n"
)
GENERATED = """apiVersion: apps/v1
kind: Deployment
metadata: {name: d, creationTimestamp: null}
spec:
  strategy: {}
  selector: {matchLabels: {app: d}}
  template:
    metadata: {creationTimestamp: null, labels: {app: d}}
    spec: {containers: [{name: c, image: registry.example.com/d:1, resources: {}}]}
status: {}
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SERVICE % (SELECTED % ", protocol: http") + POD % "", ["invalid-protocol"]),
        (SERVICE % (SELECTED % ", targetPort: 9376") + POD % "", ["unlikely-target-port"]),
        (SERVICE % (SELECTED % ", targetPort: 8080") + IMAGE, ["well-known-image-port"]),
        (SERVICE % (SELECTED % "") + IMAGE, []),
        (SERVICE % "{clusterIP: None, externalName: db.example.com}", ["external-name-ignored-field"]),
        (SERVICE % "{type: ExternalName, externalName: 10.0.0.1}", ["external-name-ip-address"]),
        (GENERATED, []),
        ("services:\n  web: {image: nginx}\n", []),
        (SERVICE % (SELECTED % "") + POD % ", namespace: dev", ["selector-matches-other-namespace"]),
    ],
    ids=[
        "http",
        "9376",
        "nginx",
        "nginx-80",
        "headless-external-name",
        "address",
        "generators",
        "compose",
        "namespace",
    ],
)
def test_the_tutorials_mistakes_are_found(text: str, said: list[str]) -> None:
    report = check_text(text, selected(rules().values()))
    assert sorted(d.rule for d in report.diagnostics) == said
