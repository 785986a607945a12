/** The standard streams, for programs that read only the first lines: a closed pipe is no failure of ours. */

export interface Output {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

export class OutputStream {
  readonly #stream: NodeJS.WriteStream;
  #closed = false;
  readonly #whenClosed: (() => void)[] = [];

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      this.#closed = true;
      for (const tell of this.#whenClosed.splice(0)) tell();
    });
  }

  readonly write = (text: string): void => {
    if (!this.#closed) this.#stream.write(text);
  };

  /** Nobody reads any more. */
  get closed(): boolean {
    return this.#closed;
  }

  onClosed(listener: () => void): void {
    this.#whenClosed.push(listener);
  }

  /** Characters a line, when it is a terminal. */
  get columns(): number | undefined {
    return this.#stream.isTTY ? this.#stream.columns : undefined;
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
  stdout: new OutputStream(process.stdout),
  stderr: new OutputStream(process.stderr),
};
