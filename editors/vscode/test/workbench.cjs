/**
 * Drives a real VS Code in a browser and prints what it showed, as JSON.
 * node workbench.cjs MODULES CHROMIUM URL SCENARIO OUT: playwright-core is in MODULES, OUT gets the pictures.
 */
const fs = require("node:fs");
const path = require("node:path");

const [modules, executablePath, url, scenario, out] = process.argv.slice(2);
const PROGRAMS = path.join(new URL(url).searchParams.get("folder"), ".venv", "bin");
const { chromium } = require(require.resolve("playwright-core", { paths: [modules] }));
const PATIENCE = 120_000;

/** The workbench as a user knows it; every call waits for what it names. */
class Workbench {
  constructor(page) {
    this.page = page;
    this.editor = page.locator(".editor-instance .monaco-editor").first();
    this.squiggle = this.editor.locator(".squiggly-error").first();
    this.hovered = page.locator(".monaco-hover:not(.hidden) .hover-contents");
  }

  picture(name) {
    return this.page.screenshot({ path: path.join(out, `${scenario}-${name}.png`) });
  }

  async open(file) {
    await this.page.getByRole("treeitem", { name: file }).first().dblclick();
    await this.page.locator(".tab.active", { hasText: file }).waitFor();
    await this.editor.locator(".view-line").first().waitFor();
  }

  word(content) {
    return this.editor.locator(".view-line span span", { hasText: content }).first();
  }

  async hover(content, answer) {
    await this.word(content).hover();
    await this.hovered.filter({ hasText: answer }).first().waitFor();
    return (await this.hovered.allInnerTexts()).join("\n");
  }

  /** The number of errors in the status bar. */
  errors(count) {
    return this.page.locator("[id='status.problems']", { hasText: new RegExp(`^\\s*${count}\\s`) }).waitFor();
  }

  lens(content) {
    return this.editor.locator(".codelens-decoration", { hasText: content }).first();
  }
}

const SCENARIOS = {
  async repair(bench, shown) {
    await bench.open("service.yaml");
    await bench.squiggle.waitFor();
    shown.squiggles = await bench.editor.locator(".squiggly-error").count();
    await bench.lens("selects nothing").waitFor();
    shown.message = await bench.hover("wbe", "selector-typo");
    await bench.picture("1-squiggle");

    await bench.word("wbe").click();
    await bench.page.keyboard.press("Control+.");
    const actions = bench.page.locator(".action-widget .monaco-list-row.action");
    await actions.first().waitFor();
    shown.actions = await actions.allInnerTexts();
    await bench.picture("2-actions");
    await bench.page.keyboard.press("Enter");
    await bench.word("wbe").waitFor({ state: "detached" });
    await bench.squiggle.waitFor({ state: "detached" });
    shown.text = (await bench.editor.locator(".view-lines").innerText()).replaceAll("\u00a0", " ");

    await bench.page.keyboard.press("Control+Home");
    shown.hover = await bench.hover("Service", "Selects");
    await bench.picture("3-hover");

    await bench.lens("selects 1 workload").locator("a").click();
    await bench.page.locator(".peekview-widget", { hasText: "deploy.yaml" }).waitFor();
    await bench.picture("4-lens");
    await bench.page.keyboard.press("Escape");

    // A port renamed in the other file breaks this one, and its restoration repairs it, with neither saved.
    await bench.open("deploy.yaml");
    await bench.word("httpx").waitFor();
    await bench.word("httpx").click();
    await bench.page.keyboard.press("End");
    await bench.page.keyboard.type("y");
    await bench.errors(1);
    await bench.picture("5-elsewhere");
    await bench.page.keyboard.press("Backspace");
    await bench.errors(0);
  },

  async saves(bench) {
    await bench.open("service.yaml");
    await bench.squiggle.waitFor();
    await bench.word("tcp").click();
    await bench.page.keyboard.press("Control+End");
    await bench.page.keyboard.type("# saved");
    await bench.page.locator(".tab.active.dirty").waitFor();
    await bench.page.keyboard.press("Control+s");
    await bench.word("TCP").waitFor();
    await bench.page.locator(".tab.active:not(.dirty)").waitFor();
  },

  async broken(bench, shown) {
    await bench.open("service.yaml");
    const told = bench.page.locator(".notification-toast", { hasText: "svclint" });
    await told.waitFor();
    shown.told = await told.innerText();
    // The server is repaired meanwhile, and asked for again.
    fs.renameSync(path.join(PROGRAMS, "repaired"), path.join(PROGRAMS, "svclint"));
    await told.getByRole("button", { name: "Restart" }).click();
    await bench.squiggle.waitFor();
    await bench.picture("1-restarted");
  },

  /** The svclint of the project writes its process id into the file `pid`. */
  async dies(bench, shown) {
    const pid = () => Number(fs.readFileSync(path.join(PROGRAMS, "pid"), "utf8"));
    await bench.open("service.yaml");
    await bench.squiggle.waitFor();
    shown.first = pid();
    process.kill(shown.first, "SIGKILL");
    await bench.squiggle.waitFor({ state: "detached" });
    await bench.squiggle.waitFor();
    shown.second = pid();
    shown.hover = await bench.hover("Service", "Selects nothing");
  },

  async trusted(bench, shown) {
    await bench.open("service.yaml");
    await bench.squiggle.waitFor();
    shown.message = await bench.hover("shop", "shop-is-taken");
    await bench.picture("1-own-rule");
  },

  async missing(bench, shown) {
    await bench.open("service.yaml");
    const told = bench.page.locator(".notification-toast", { hasText: "svclint" });
    await told.waitFor();
    shown.told = await told.innerText();
    await bench.picture("1-told");
  },
};

async function main() {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  context.setDefaultTimeout(PATIENCE);
  const shown = {};
  const bench = new Workbench(await context.newPage());
  try {
    await bench.page.goto(url);
    await SCENARIOS[scenario](bench, shown);
  } catch (error) {
    shown.error = String(error);
    await bench.picture("error");
  } finally {
    await browser.close();
  }
  process.stdout.write(JSON.stringify(shown));
}

main().catch((error) => {
  process.stderr.write(String(error));
  process.exitCode = 1;
});
