/** Finds `svclint`, starts `svclint server` for the first manifest that is opened, and says how it is. */

import { spawn, type ChildProcess } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  type DocumentSelector,
  type Location,
  type Position,
} from "vscode-languageclient/node";

import { find, NotFound, type Machine, type Program } from "./find";

const LANGUAGES = ["yaml", "helm", "json"];
const SELECTOR = ["file", "untitled"].flatMap((scheme) => LANGUAGES.map((language) => ({ scheme, language })));
const WATCHED = "**/{*.{yaml,yml,json,tpl},svclint.toml,pyproject.toml,.gitignore}";
/** What the server is started with. */
const SETTINGS = ["svclint.path", "svclint.arguments", "svclint.trustLocalRules"];
/** How often a server that dies is started again before the user is asked. */
const REVIVALS = 3;
/** How long a server that can't start is listened to, in milliseconds. */
const LAST_WORDS = 3000;

const machine: Machine = {
  windows: process.platform === "win32",
  home: homedir(),
  searchPath: process.env["PATH"] ?? "",
  isProgram(file) {
    try {
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  },
};

/** Errors go into the output: the session tells the user in its own words, once. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

class Session implements vscode.Disposable {
  private readonly output = vscode.window.createOutputChannel("svclint");
  private readonly status = vscode.languages.createLanguageStatusItem("svclint", SELECTOR);
  private readonly files = vscode.workspace.createFileSystemWatcher(WATCHED);
  private client: LanguageClient | undefined;
  private child: ChildProcess | undefined;
  private wanted = false;
  private deaths = 0;
  private lastWords = "";
  private ended: Promise<void> = Promise.resolve();
  private turn: Promise<void> = Promise.resolve();

  constructor() {
    this.status.name = "svclint";
    this.status.text = "svclint";
    this.status.command = { title: "Restart", command: "svclint.restart" };
  }

  dispose(): void {
    this.files.dispose();
    this.status.dispose();
    this.output.dispose();
  }

  show(): void {
    this.output.show(true);
  }

  /** Starts the server if the document is one that it reads; other JSON is no reason to. */
  async meet(document: vscode.TextDocument): Promise<void> {
    if (!this.wanted && vscode.languages.match(SELECTOR, document) > 0) {
      if (document.languageId !== "json" || /"apiVersion"/.test(document.getText())) {
        await this.restart();
      }
    }
  }

  /** Restarts a server that was needed before. */
  async renew(): Promise<void> {
    if (this.wanted) {
      await this.restart();
    }
  }

  /** One start after the other, however often it is asked for; a start that hangs is not waited for. */
  restart(): Promise<void> {
    this.wanted = true;
    this.abandon();
    this.turn = this.turn.then(async () => {
      await this.stop();
      this.deaths = 0;
      await this.start();
    });
    return this.turn;
  }

  end(): Promise<void> {
    this.abandon();
    this.turn = this.turn.then(() => this.stop());
    return this.turn;
  }

  private abandon(): void {
    if (this.status.busy) {
      this.client = undefined;
      this.child?.kill();
    }
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    // A client that never came up can't be stopped, only left.
    await client?.dispose().catch(() => undefined);
  }

  private async start(): Promise<void> {
    const settings = vscode.workspace.getConfiguration("svclint");
    const folders = (vscode.workspace.workspaceFolders ?? [])
      .filter((folder) => folder.uri.scheme === "file")
      .map((folder) => folder.uri.fsPath);
    let program: Program;
    try {
      program = find(settings.get("path", ""), folders, vscode.workspace.isTrusted, machine);
    } catch (error) {
      if (!(error instanceof NotFound)) {
        throw error;
      }
      this.fail(error.message);
      return;
    }
    const command = [...program.args, "server", ...settings.get<string[]>("arguments", [])];
    this.output.appendLine(`${program.command} ${command.join(" ")} (from ${program.origin})`);
    this.status.busy = true;
    this.status.severity = vscode.LanguageStatusSeverity.Information;
    this.status.detail = `starting ${program.command}`;
    const told = { trustLocalRules: vscode.workspace.isTrusted && settings.get("trustLocalRules", false) };
    const client = new QuietClient("svclint", "svclint", () => this.spawn(program.command, command, folders[0]), {
      documentSelector: SELECTOR as DocumentSelector,
      outputChannel: this.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      synchronize: { fileEvents: this.files },
      diagnosticPullOptions: { onChange: true, onSave: true },
      initializationOptions: { showReferences: true, ...told },
      // The user's setting is no answer for a workspace that isn't trusted.
      middleware: { workspace: { configuration: (asked) => asked.items.map(() => told) } },
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => this.closed(),
      },
    });
    this.client = client;
    try {
      await client.start();
      const version = client.initializeResult?.serverInfo?.version ?? "";
      this.status.detail = `${version} from ${program.origin}: ${program.command}`;
    } catch (error) {
      // What it wrote before it ended says more than the broken pipe, but comes later.
      await Promise.race([this.ended, new Promise((resolve) => setTimeout(resolve, LAST_WORDS))]);
      if (this.client === client) {
        this.fail(this.lastWords || `the server did not start: ${String(error)}`);
      }
    } finally {
      this.status.busy = false;
    }
  }

  private async spawn(command: string, args: readonly string[], cwd: string | undefined): Promise<ChildProcess> {
    this.lastWords = "";
    const child = (this.child = spawn(command, args, { cwd, stdio: "pipe" }));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.lastWords = text.trimEnd().split("\n").at(-1) || this.lastWords;
    });
    this.ended = new Promise((resolve) => child.once("close", () => resolve()));
    await new Promise<void>((resolve, reject) => child.once("spawn", resolve).on("error", reject));
    return child;
  }

  private closed(): { action: CloseAction; handled: true } {
    this.deaths += 1;
    if (this.client?.initializeResult !== undefined && this.deaths <= REVIVALS) {
      return { action: CloseAction.Restart, handled: true };
    }
    if (this.client?.initializeResult !== undefined) {
      this.fail(`the server ended ${this.deaths} times. ${this.lastWords}`);
    }
    return { action: CloseAction.DoNotRestart, handled: true };
  }

  private fail(message: string): void {
    this.status.severity = vscode.LanguageStatusSeverity.Error;
    this.status.detail = message;
    this.output.appendLine(message);
    void this.ask(message);
  }

  private async ask(message: string): Promise<void> {
    const restart = "Restart";
    const settings = "Settings";
    const output = "Output";
    const answer = await vscode.window.showErrorMessage(`svclint: ${message}`, restart, settings, output);
    if (answer === restart) {
      await this.restart();
    } else if (answer === settings) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "svclint.path");
    } else if (answer === output) {
      this.show();
    }
  }

  /** What stands behind a lens: the editor's own peek view, with the places in the editor's own words. */
  async showReferences(uri: string, position: Position, locations: Location[]): Promise<void> {
    const words = this.client?.protocol2CodeConverter;
    if (words !== undefined) {
      await vscode.commands.executeCommand(
        "editor.action.showReferences",
        words.asUri(uri),
        words.asPosition(position),
        locations.map((location) => words.asLocation(location)),
      );
    }
  }
}

let session: Session | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const made = (session = new Session());
  context.subscriptions.push(
    made,
    vscode.commands.registerCommand("svclint.restart", () => made.restart()),
    vscode.commands.registerCommand("svclint.showOutput", () => made.show()),
    vscode.commands.registerCommand("svclint.showReferences", made.showReferences.bind(made)),
    vscode.workspace.onDidOpenTextDocument((document) => made.meet(document)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => made.renew()),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (SETTINGS.some((setting) => event.affectsConfiguration(setting))) {
        await made.renew();
      }
    }),
  );
  await Promise.all(vscode.workspace.textDocuments.map((document) => made.meet(document)));
}

export async function deactivate(): Promise<void> {
  await session?.end();
}
