#!/usr/bin/env bash
# The step of action.yml: runs `svclint check` with the outputs that are asked for. Everything comes by environment.
set -u
formats=(--output-format text)
if [ "${ANNOTATIONS:-true}" = true ]; then formats+=(--output-format github); fi
summary="${RUNNER_TEMP:-/tmp}/svclint-summary.md"
if [ "${SUMMARY:-true}" = true ]; then formats+=(--output-format "markdown:$summary"); fi
if [ -n "${SARIF:-}" ]; then formats+=(--output-format "sarif:$SARIF"); fi
if [ -n "${DIFF_BASE:-}" ]; then formats+=(--diff-base "$DIFF_BASE"); fi
# Both are lists of words: split at spaces, never globbed.
set -f
# shellcheck disable=SC2086
"${SVCLINT_BIN:-svclint}" check "${formats[@]}" ${ARGS:-} -- ${PATHS:-}
code=$?
if [ -f "$summary" ]; then cat "$summary" >> "${GITHUB_STEP_SUMMARY:-/dev/null}"; fi
echo "exit-code=$code" >> "${GITHUB_OUTPUT:-/dev/null}"
exit $code
