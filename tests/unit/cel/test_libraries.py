"""The libraries, each against what its upstream documentation or tests say."""

from __future__ import annotations

import pytest

from svclint.apiserver.policy.environment import policy_environment
from svclint.apiserver.policy.request import decider
from svclint.cel.errors import CompileError, EvalError
from svclint.cel.library import authz
from svclint.cel.program import compile_expression

ENV = policy_environment((1, 36))


def evaluate(expression: str, **bindings: object) -> object:
    return compile_expression(expression, ENV).evaluate({"object": {}, **bindings})[0]


@pytest.mark.parametrize(
    "expression",
    [
        # strings
        "'tacocat'.charAt(3) == 'o' && 'abc'.charAt(3) == ''",
        "'tacocat'.indexOf('ac') == 1 && 'tacocat'.indexOf('none') == -1 && 'abc'.indexOf('', 9) == 3",
        "'tacocat'.lastIndexOf('at') == 5 && 'tacocat'.lastIndexOf('a', 3) == 1 && ''.lastIndexOf('') == 0",
        "'TacoCÆt'.lowerAscii() == 'tacocÆt' && 'TacoCæt'.upperAscii() == 'TACOCæT'",
        "'hello hello'.replace('he', 'we', 1) == 'wello hello' && 'ab'.replace('', '-') == '-a-b-' && 'aa'.replace('a', 'b', -1) == 'bb'",
        "'a,b,c'.split(',', 2) == ['a', 'b,c'] && 'abc'.split('') == ['a', 'b', 'c'] && 'a'.split(',', 0) == [] && 'abc'.split('', 2) == ['a', 'bc']",
        "'tacocat'.substring(4) == 'cat' && 'tacocat'.substring(0, 4) == 'taco' && 'ta©o'.substring(2, 3) == '©'",
        "' \\f\\n\\t\\u0085trim\\u3000 '.trim() == 'trim' && '\\x1fa'.trim() == '\\x1fa'",
        "['x', 'y'].join() == 'xy' && ['x', 'y'].join('-') == 'x-y' && [].join(',') == ''",
        "strings.quote('a\"b\\n') == '\"a\\\\\"b\\\\n\"'",
        # format
        "'%s %d%%'.format(['a', 5]) == 'a 5%' && '%.3f'.format([1234.5]) == '1,234.500' && '%f'.format([1.0/0.0]) == '∞'",
        "'%e'.format([1052.032911275]) == '1.052033×10⁰³' && '%b'.format([-5]) == '-101' && '%o'.format([11]) == '13'",
        "'%x'.format([30]) == '1e' && '%X'.format(['Hello']) == '48656C6C6F' && '%x'.format([b'\\xff']) == 'ff'",
        "'%s'.format([[1, 2]]) == '[1, 2]' && '%s'.format([{'k': 1.5}]) == '{\"k\":1.500000}' && '%s'.format([null]) == 'null'",
        "'%s'.format([[timestamp('2026-01-01T00:00:00Z'), timestamp(0)]]).startsWith('[timestamp(\"2026-01-01T00:00:00Z\"), ')",
        "'%s'.format([type(1)]) == 'int' && '%s'.format([duration('1h')]) == '3600s' && '%d'.format([3u]) == '3'",
        # lists
        "[1, 2, 3].isSorted() && !['b', 'a'].isSorted() && [].isSorted()",
        "[1, 2].sum() == 3 && [1.5, 2.0].sum() == 3.5 && [duration('1m'), duration('1s')].sum() == duration('61s')",
        "[3, 1].min() == 1 && ['a', 'b'].max() == 'b' && [true, false].max()",
        "[1, 2, 2].indexOf(2) == 1 && [1, 2, 2].lastIndexOf(2) == 2 && ['a'].indexOf('b') == -1",
        "[1, 2, 3].slice(1, 3) == [2, 3] && [[1], [2]].flatten() == [1, 2]",
        "[4, 3, 2].sort() == [2, 3, 4] && ['b', 'a'].sortBy(x, x) == ['a', 'b'] && [1, 2].sortBy(x, -x) == [2, 1]",
        "lists.range(3) == [0, 1, 2] && [1, 2].reverse() == [2, 1] && [1, 2, 1].distinct() == [1, 2]",
        # sets
        "sets.contains([1, 2, 3], [2]) && sets.contains([], []) && !sets.contains([1], [2])",
        "sets.equivalent([1, 1], [1]) && sets.intersects([1], [1, 2]) && !sets.intersects([], [])",
        # regex
        "'abc 123'.find('[0-9]+') == '123' && 'abc'.find('x') == '' && '123 abc 456'.findAll('[0-9]*') == ['123', '', '', '', '', '456']",
        "'1 2 3'.findAll('[0-9]', 2) == ['1', '2'] && 'aXb'.find('(?i)x') == 'X' && 'a\\n'.matches('a$') == false",
        "'é'.matches('^\\\\w$') == false && 'é'.matches('^\\\\pL$') && 'ab'.matches('^(?P<x>a)b$') && 'A'.matches('[[:upper:]]')",
        # url
        "url('https://u:p@h.test:80/a%20b?x=1&y=&x=2#f').getHost() == 'h.test:80'",
        "url('https://h/a%2Fb').getEscapedPath() == '/a%2Fb' && url('http://[::1]:80').getHostname() == '::1'",
        "url('http://h?a=1&b=%zz').getQuery() == {'a': ['1']} && url('/x').getScheme() == '' && url('http://h').getPort() == ''",
        "isURL('http://h') && !isURL('../x') && !isURL('') && !isURL('http://h:port') && isURL('mailto:a@b')",
        # quantity
        "quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('0.5').compareTo(quantity('500m')) == 0",
        "quantity('1Ki').asInteger() == 1024 && !quantity('1500m').isInteger() && quantity('1e3').isInteger()",
        "sign(quantity('-1')) == -1 && quantity('1.5').add(quantity('500m')) == quantity('2') && quantity('3').sub(1) == quantity('2')",
        "isQuantity('1.5Gi') && !isQuantity('1.5GiB') && !isQuantity('') && isQuantity('+1k') && isQuantity('1E')",
        "quantity('50.703k').asApproximateFloat() == 50703.0 && quantity('200M') < quantity('1') == false || true",
        # ip, cidr
        "ip('192.168.0.1').family() == 4 && ip('::1').isLoopback() && ip('fe80::1').isLinkLocalUnicast() && ip('0.0.0.0').isUnspecified()",
        "ip('224.0.0.1').isLinkLocalMulticast() && ip('ff02::1').isLinkLocalMulticast() && !ip('ff05::1').isLinkLocalMulticast()",
        "ip('8.8.8.8').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast() && ip('10.0.0.1').isGlobalUnicast()",
        "ip.isCanonical('::1') && !ip.isCanonical('0::1') && !isIP('1.2.3') && !isIP('::ffff:1.2.3.4') && !isIP('fe80::1%eth0')",
        "cidr('10.0.0.0/8').containsIP('10.1.2.3') && cidr('10.0.0.0/8').containsIP(ip('10.0.0.0')) && !cidr('::/0').containsIP('1.1.1.1')",
        "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.1.0.0/16').containsCIDR('10.0.0.0/8')",
        "cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && cidr('10.1.2.3/8').ip() == ip('10.1.2.3') && !isCIDR('10.0.0.0/033')",
        "type(ip('::1')) == net.IP && type(cidr('::/0')) == net.CIDR && string(ip('1::0:1')) == '1::1'",
        # semver
        "semver('1.2.3-rc.1').isLessThan(semver('1.2.3')) && semver('1.10.0').compareTo(semver('1.9.0')) == 1",
        "isSemver('1.0.0+b1') && !isSemver('01.0.0') && isSemver('v1', true) && semver('v01.02', true) == semver('1.2.0')",
        "semver('1.0.0-alpha').isLessThan(semver('1.0.0-alpha.1')) && semver('1.0.0-1').isLessThan(semver('1.0.0-a'))",
        # format
        "!format.dns1123Label().validate('my-name').hasValue() && format.named('qualifiedName').value().validate('a b').value().size() == 1",
        "format.date().validate('2026-02-30').value() == ['invalid date'] && !format.datetime().validate('2026-02-03t04:05:06z').hasValue()",
        "format.uri().validate('no').value() == ['parse \"no\": invalid URI for request'] && !format.named('x').hasValue()",
        # optionals
        "optional.unwrap([optional.of(1), optional.none()]) == [1] && [optional.of(1)].unwrapOpt() == [1]",
        "!optional.ofNonZeroValue({}).hasValue() && !optional.ofNonZeroValue(0u).hasValue() && optional.ofNonZeroValue([0]).hasValue()",
        "optional.of(1) == optional.of(1) && optional.of(1) != optional.none()",
    ],
)  # fmt: skip
def test_true(expression: str) -> None:
    # The order of comparison of quantities is by functions only.
    if "quantity('200M') <" in expression:
        with pytest.raises(CompileError):
            evaluate(expression)
        return
    assert evaluate(expression) is True


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("'abc'.charAt(4)", "index out of range: 4"),
        ("'abc'.substring(2, 1)", "invalid substring range. start: 2, end: 1"),
        ("[dyn('a'), dyn(1)].join()", "join: invalid input: 1"),
        ("'%d'.format(dyn(['a']))", "error during formatting: decimal clause can only be used on integers, was given string"),
        ("'%d %d'.format(dyn([1]))", "index 1 out of range"),
        ("[].max()", "max called on empty list"),
        ("[1].slice(0, 2)", "cannot slice(0, 2), list is length 1"),
        ("[dyn(1)].flatten(-1)", "level must be non-negative"),
        ("[dyn(1), dyn('a')].sort()", "list elements must have the same type"),
        ("quantity('1GiB')", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"),
        ("quantity('1i')", "unable to parse quantity's suffix"),
        ("quantity('1500m').asInteger()", "cannot convert value to integer"),
        ("ip('10.0.0.1.2')", 'IP Address "10.0.0.1.2" parse error during conversion from string: ParseAddr("10.0.0.1.2"): IPv4 address too long'),
        ("ip('1::2::3')", 'IP Address "1::2::3" parse error during conversion from string: ParseAddr("1::2::3"): multiple :: in address (at ":3")'),
        ("ip('12345::')", 'IP Address "12345::" parse error during conversion from string: ParseAddr("12345::"): each group must have 4 or less digits (at "12345::")'),
        ("url('http://a b')", 'URL parse error during conversion from string: parse "http://a b": invalid character " " in host name'),
        ("url('http://h:x')", 'URL parse error during conversion from string: parse "http://h:x": invalid port ":x" after host'),
        ("url('/a%zz')", 'URL parse error during conversion from string: parse "/a%zz": invalid URL escape "%zz"'),
        ("semver('1.2')", "No Major.Minor.Patch elements found"),
        ("semver('1.2.x')", 'Invalid character(s) found in patch number "x"'),
        ("semver('1.2-a', true)", "short version cannot contain PreRelease/Build meta data"),
    ],
)  # fmt: skip
def test_errors(expression: str, message: str) -> None:
    with pytest.raises(EvalError) as caught:
        evaluate(expression)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0.5Gi", "512Mi"),
        ("1500m", "1500m"),
        ("1.50", "1.50"),
        ("12e6", "12e6"),
        ("0.0000000001", "1n"),
        ("5e-3", "5e-3"),
    ],
)
def test_quantities_are_shown_as_parsed_or_canonical(text: str, shown: str) -> None:
    assert str(evaluate(f"quantity('{text}')")) == shown


@pytest.mark.parametrize(
    ("a", "operation", "b", "shown"),
    [("1Gi", "sub", "1M", "1072741824"), ("1", "add", "1", "2"), ("500m", "add", "500m", "1"), ("1Ki", "add", "1Ki", "2Ki"),
     ("0", "add", "1Ki", "1Ki"), ("1k", "add", "1", "1001"), ("1e3", "add", "1e3", "2e3"), ("1", "sub", "1", "0")],
)  # fmt: skip
def test_sums_of_quantities_are_canonical(a: str, operation: str, b: str, shown: str) -> None:
    assert str(evaluate(f"quantity('{a}').{operation}(quantity('{b}'))")) == shown


@pytest.mark.parametrize(
    ("pattern", "error"),
    [
        ("(", "missing closing ): `(`"), (")", "unexpected ): `)`"), ("[a", "missing closing ]: `[a`"),
        ("*", "missing argument to repetition operator: `*`"), ("a**", "invalid nested repetition operator: `**`"),
        ("a{1001}", "invalid repeat count: `{1001}`"), ("[z-a]", "invalid character class range: `z-a`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"), ("(?<n", "invalid named capture: `(?<n`"),
        ("\\1", "invalid escape sequence: `\\1`"), ("\\pX", "invalid character class range: `\\pX`"),
    ],
)  # fmt: skip
def test_patterns_are_gos(pattern: str, error: str) -> None:
    with pytest.raises(EvalError) as caught:
        evaluate("'x'.matches(object)", object=pattern)
    assert caught.value.message == f"error parsing regexp: {error}"


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        # Linear in the text, as in Go: a backtracking engine wouldn't come back.
        ("^(a+)+$", "a" * 60 + "!", False),
        ("^(a|a?)+$", "a" * 60 + "!", False),
        ("^(.*,){1,20}(.*;)+x{2,}?$", "a," * 500 + ";xx", True),
        ("^(.*)(.*)(.*)(.*)(.*)(.*)#", "a" * 400, False),
        ("^(([a-z]+)*\\.?)*$", "example." * 40, True),
        ("^a$", "a\n", False), ("(?m)^b$", "a\nb", True), ("a.b", "a\nb", False), ("(?s)a.b", "a\nb", True),
        ("\\bfoo\\b", "a foo b", True), ("[^\\d]", "5", False), ("[\\D]", "x", True), ("a{,2}", "a{,2}", True),
        ("a{2}", "aa", True), ("\\Qa.b\\E", "a.b", True), ("\\x{41}\\101", "AA", True), ("(?i)é", "É", True),
        ("(?i:a)b", "AB", False), ("\\z", "", True), ("[]a]", "]", True), ("[a-]", "-", True), ("x*?y", "xxy", True),
        ("\\PL", "1", True), ("\\p{Greek}", "α", True), ("a|(?i)b|c", "C", True), ("[[:^alpha:]]", "a", False),
    ],
)  # fmt: skip
def test_patterns_match_as_in_go(pattern: str, text: str, matches: bool) -> None:
    assert evaluate("params.matches(object)", object=pattern, params=text) is matches


def test_the_authorizer_asks_what_it_was_told() -> None:
    asked: list[authz.Question] = []

    def decide(question: authz.Question) -> authz.Answer:
        asked.append(question)
        return authz.Answer(True, "because")

    expression = (
        "authorizer.serviceAccount('shop', 'web').group('apps').resource('deployments').subresource('scale')"
        ".namespace('shop').name('front').check('update').reason()"
    )
    assert evaluate(expression, authorizer=authz.authorizer(decide)) == "because"
    user = "system:serviceaccount:shop:web"
    assert asked == [authz.Question(user, "", "apps", "deployments", "scale", "shop", "front", "update")]
    assert evaluate("authorizer.path('/healthz').check('get').allowed()", authorizer=authz.authorizer(decide)) is True
    with pytest.raises(EvalError, match="resource must not be empty"):
        evaluate("authorizer.group('').resource(' ').check('get').allowed()", authorizer=authz.authorizer(decide))


def test_masters_may_do_everything_and_others_little() -> None:
    question = authz.Question(group="", resource="secrets", verb="get")
    assert decider(("system:masters",))(question).allowed
    assert not decider(("dev",))(question).allowed
    assert decider(("dev",))(authz.Question(path="/healthz", verb="get")).allowed
