/** Which svclint is started. */

import * as assert from "node:assert/strict";
import { test } from "node:test";

import { find, NotFound, type Machine } from "../src/find";

function machine(programs: readonly string[], windows = false): Machine {
  return {
    windows,
    home: windows ? "C:\\Users\\me" : "/home/me",
    searchPath: windows ? "C:\\bin" : "bin:/usr/bin:/opt/bin",
    isProgram: (file) => programs.includes(file),
  };
}

const EVERYWHERE = ["/w/.venv/bin/svclint", "/w/venv/bin/svclint", "/opt/bin/svclint", "/usr/bin/uvx", "/set/svclint"];

test("the setting comes first, then the virtual environment, PATH and uvx", () => {
  const left = [...EVERYWHERE];
  const command = (setting = "") => find(setting, ["/w"], true, machine(left)).command;
  assert.equal(command("/set/svclint"), "/set/svclint");
  for (const expected of EVERYWHERE.slice(0, 4)) {
    assert.equal(command(), expected);
    left.splice(left.indexOf(expected), 1);
  }
  assert.throws(() => command(), NotFound);
});

test("uvx is asked for the server's dependencies, too", () => {
  assert.deepEqual(find("", [], true, machine(["/usr/bin/uvx"])).args, ["--from", "svclint[lsp]", "svclint"]);
});

test("nothing of a workspace that isn't trusted is run", () => {
  assert.equal(find("", ["/w"], false, machine(EVERYWHERE)).command, "/opt/bin/svclint");
  assert.throws(() => find("", ["/w"], false, machine(["/w/.venv/bin/svclint", "bin/svclint"])), NotFound);
});

test("a setting that names no program is an error, and no other svclint is taken for it", () => {
  assert.throws(() => find("/gone/svclint", ["/w"], true, machine(EVERYWHERE)), /"\/gone\/svclint"/);
  assert.throws(() => find("bin/svclint", ["/w"], true, machine(["bin/svclint"])), NotFound);
});

test("a setting may name the home folder, a folder of the workspace or a program on PATH", () => {
  const there = machine(["/home/me/s", "/b/s", "/opt/bin/svclint-dev"]);
  assert.equal(find("~/s", [], true, there).command, "/home/me/s");
  assert.equal(find("${workspaceFolder}/s", ["/a", "/b"], true, there).command, "/b/s");
  assert.equal(find(" svclint-dev ", [], true, there).command, "/opt/bin/svclint-dev");
});

test("Windows has its own folders and suffixes", () => {
  const there = machine(["C:\\w\\.venv\\Scripts\\svclint.exe", "C:\\bin\\svclint.exe"], true);
  assert.equal(find("", ["C:\\w"], true, there).command, "C:\\w\\.venv\\Scripts\\svclint.exe");
  assert.equal(find("", ["C:\\other"], true, there).command, "C:\\bin\\svclint.exe");
});
