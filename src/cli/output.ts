/** The standard streams, for programs that read only the first lines: a closed pipe is no failure of ours. */
import { failure, type LambdariumError } from "../errors.ts";
import { reasonOf } from "./file-problem.ts";

export interface Output {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

export class OutputStream {
  readonly #stream: NodeJS.WriteStream;
  #closed = false;
  #problem: LambdariumError | undefined;

  constructor(stream: NodeJS.WriteStream, what: string) {
    this.#stream = stream;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      this.#closed = true;
      if (error.code !== "EPIPE") this.#problem ??= failure("output-unwritable", { what, why: reasonOf(error) }, error);
    });
  }

  readonly write = (text: string): void => {
    if (!this.#closed) this.#stream.write(text);
  };

  /** Nobody reads any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Why nothing more can be written, when it is not the reader who went away. */
  get problem(): LambdariumError | undefined {
    return this.#problem;
  }

  /** Fulfilled when everything is written, or cannot be. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closed) resolve();
      // Also called when the write fails, after the error was told.
      else this.#stream.write("", () => setImmediate(resolve));
    });
  }

  /** Characters a line, when it is a terminal that knows. */
  get columns(): number | undefined {
    return this.#stream.isTTY && this.#stream.columns > 0 ? this.#stream.columns : undefined;
  }

  /** NO_COLOR: https://no-color.org asks that any value that is not empty switches colour off. */
  get colour(): boolean {
    const { NO_COLOR, TERM } = process.env;
    return this.#stream.isTTY && (NO_COLOR ?? "") === "" && TERM !== "dumb";
  }

  /** For the parser, which asks for the depth of colour. */
  readonly getColorDepth = (): number => (this.colour ? this.#stream.getColorDepth() : 1);
}

export const standardOutput: Output = {
  stdout: new OutputStream(process.stdout, "Standard output"),
  stderr: new OutputStream(process.stderr, "Standard error"),
};
