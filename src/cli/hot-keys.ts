/** Keys while a service runs, on a terminal only. */
import type { EnvironmentDocument } from "../service/environments/environment-documents.ts";
import type { Display, ServiceSession } from "./service-session.ts";

interface Key {
  readonly key: string;
  readonly what: string;
  readonly press: () => Promise<string | undefined> | string | undefined;
}

export class HotKeys {
  readonly #session: ServiceSession;
  readonly #display: Display;
  readonly #keys: readonly Key[];
  #chosen = 0;

  /** Gives the way to stop listening; nothing happens where standard input is no terminal. */
  static listen(session: ServiceSession, display: Display): () => void {
    const { stdin } = process;
    if (!stdin.isTTY) return () => {};
    const keys = new HotKeys(session, display);
    stdin.setRawMode(true).setEncoding("utf8").resume();
    stdin.on("data", (text: string) => {
      for (const key of text) void keys.#press(key);
    });
    // The terminal is the shell's again, however we end.
    process.once("exit", giveTerminalBack);
    display.line("Keys: i invoke, f freeze or thaw, s spin down, r reset, q quit, h help");
    return () => {
      giveTerminalBack();
      process.stdin.pause();
    };
  }

  private constructor(session: ServiceSession, display: Display) {
    this.#session = session;
    this.#display = display;
    this.#keys = [
      { key: "i", what: "invoke the function with {}", press: () => this.#invoke() },
      { key: "n", what: "choose the next function for i", press: () => this.#next() },
      { key: "f", what: "thaw what is idle, which is frozen; again: freeze it", press: () => this.#freezeOrThaw() },
      {
        key: "s",
        what: "spin down what is idle: Shutdown, and a cold start next",
        press: () => this.#order("spin-down"),
      },
      { key: "r", what: "reset what is idle: Init again, as after a crash", press: () => this.#order("reset") },
      { key: "q", what: "quit", press: () => quit() },
      { key: "h", what: "this help", press: () => this.#help() },
    ];
  }

  async #press(key: string): Promise<void> {
    // In raw mode the terminal no longer makes signals of these.
    if (key === "\u0003" || key === "\u0004") return quit();
    try {
      const said = await this.#keys.find((one) => one.key === key)?.press();
      if (said !== undefined) this.#display.line(said);
    } catch (error) {
      this.#display.line(`that did not work: ${(error as Error).message}`);
    }
  }

  /** As the API lists them, so that functions made by others are there too. */
  async #names(): Promise<readonly string[]> {
    const answer = await fetch(`${this.#session.service.endpoint}/2015-03-31/functions`);
    const { Functions } = (await answer.json()) as { Functions: readonly { FunctionName: string }[] };
    return Functions.map(({ FunctionName }) => FunctionName);
  }

  /** By what they are, not by what was pressed before: an invocation thaws and freezes too. */
  #freezeOrThaw(): Promise<string> {
    const thawed = this.#idle().some(({ frozen }) => frozen !== true);
    return this.#order(thawed ? "freeze" : "thaw");
  }

  /** To every environment that is idle (LIFE-109). */
  async #order(order: string): Promise<string> {
    const idle = this.#idle();
    for (const { id } of idle)
      await fetch(`${this.#session.service.endpoint}/_local/environments/${id}/${order}`, { method: "POST" });
    return idle.length === 0
      ? "no environment is idle"
      : `${order}: ${idle.map(({ functionName }) => functionName).join(", ")}`;
  }

  #idle(): readonly EnvironmentDocument[] {
    return this.#session.service.environments().filter(({ state }) => state === "idle");
  }

  async #invoke(): Promise<string> {
    // Which one was chosen when the key was pressed: keys do not wait for one another.
    const chosen = this.#chosen;
    const names = await this.#names();
    const name = names[chosen % names.length];
    if (name === undefined) return "there is no function yet";
    const answer = await fetch(`${this.#session.service.endpoint}/2015-03-31/functions/${name}/invocations`, {
      method: "POST",
      body: "{}",
    });
    const failed = answer.headers.get("x-amz-function-error") === null && answer.ok ? "" : " failed";
    return `${name}${failed}: ${await answer.text()}`;
  }

  async #next(): Promise<string> {
    this.#chosen += 1;
    const chosen = this.#chosen;
    const names = await this.#names();
    return names.length === 0 ? "there is no function yet" : `i invokes ${names[chosen % names.length]}`;
  }

  #help(): string {
    return this.#keys.map(({ key, what }) => `${key}  ${what}`).join("\n");
  }
}

function quit(): undefined {
  process.kill(process.pid, "SIGINT");
  return undefined;
}

function giveTerminalBack(): void {
  try {
    process.stdin.setRawMode(false);
  } catch {
    // It is gone itself.
  }
}
