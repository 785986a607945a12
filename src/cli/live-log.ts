/** The logs while they happen: each line with who wrote it. */

export interface LogSource {
  readonly from: "function" | "extension" | "platform" | "lambdarium";
  readonly extensionName?: string;
  /** Where there may be several. */
  readonly functionName?: string;
  readonly text: string;
}

const colours = { function: 36, extension: 35, platform: 90, lambdarium: 33 } as const;

/** Gives the text of each line; the names' column is as wide as the longest name so far. */
export class LiveLog {
  readonly #colour: boolean;
  #width = "lambdarium".length;

  constructor(colour: boolean) {
    this.#colour = colour;
  }

  text({ from, extensionName, functionName, text }: LogSource): string {
    const who = [functionName, from, extensionName].filter((part) => part !== undefined).join(" ");
    this.#width = Math.max(this.#width, who.length);
    const padded = who.padEnd(this.#width);
    const head = this.#colour ? `\u001B[${colours[from]}m${padded} |\u001B[39m` : `${padded} |`;
    return text
      .split("\n")
      .map((line) => `${head} ${line}\n`)
      .join("");
  }
}
