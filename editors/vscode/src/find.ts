/** Where the server is: pure, so that it is tested without an editor. */

import * as path from "node:path";

/** A command line to which `server` is added, and in words where it was found. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly origin: string;
}

/** The machine, as far as it is looked at. */
export interface Machine {
  readonly windows: boolean;
  readonly home: string;
  readonly searchPath: string;
  isProgram(file: string): boolean;
}

/** No svclint; the message is for the user. */
export class NotFound extends Error {}

const ENVIRONMENTS = [".venv", "venv"];

/**
 * The svclint to start: the setting's, else that of a workspace folder's virtual environment, else the one on PATH, else
 * uv's. A setting that names nothing is an error, never a reason to start another svclint. Nothing of a workspace that
 * isn't trusted is run.
 */
export function find(setting: string, folders: readonly string[], trusted: boolean, machine: Machine): Program {
  const join = machine.windows ? path.win32.join : path.posix.join;
  const suffix = machine.windows ? ".exe" : "";
  if (setting.trim()) {
    return set(setting.trim(), folders, machine);
  }
  if (trusted) {
    for (const folder of folders) {
      for (const environment of ENVIRONMENTS) {
        const command = join(folder, environment, machine.windows ? "Scripts" : "bin", `svclint${suffix}`);
        if (machine.isProgram(command)) {
          return { command, args: [], origin: `${environment} of the workspace` };
        }
      }
    }
  }
  const installed = onPath(`svclint${suffix}`, machine);
  if (installed !== undefined) {
    return { command: installed, args: [], origin: "PATH" };
  }
  const uvx = onPath(`uvx${suffix}`, machine);
  if (uvx !== undefined) {
    return { command: uvx, args: ["--from", "svclint[lsp]", "svclint"], origin: "uvx" };
  }
  throw new NotFound(
    "neither the workspace's virtual environment nor PATH has it, and there is no uvx: " +
      "install it with pipx install 'svclint[lsp]', or set svclint.path.",
  );
}

function set(setting: string, folders: readonly string[], machine: Machine): Program {
  const isAbsolute = machine.windows ? path.win32.isAbsolute : path.posix.isAbsolute;
  const origin = "the setting svclint.path";
  const written = setting.replace(/^~(?=$|[\\/])/, () => machine.home);
  const tried = written.includes("${workspaceFolder}")
    ? folders.map((folder) => written.replaceAll("${workspaceFolder}", () => folder))
    : [written];
  for (const each of tried) {
    const command = isAbsolute(each) ? each : onPath(each, machine);
    if (command !== undefined && machine.isProgram(command)) {
      return { command, args: [], origin };
    }
  }
  throw new NotFound(`the setting svclint.path names "${setting}", which is no program.`);
}

function onPath(name: string, machine: Machine): string | undefined {
  const { join, delimiter, isAbsolute } = machine.windows ? path.win32 : path.posix;
  // A relative entry of PATH would mean something of the workspace.
  return machine.searchPath
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, name))
    .find((file) => machine.isProgram(file));
}
