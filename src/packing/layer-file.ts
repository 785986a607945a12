/** What a layer holds. */

export interface LayerFile {
  /** Below `/opt`, with `/` between its parts. */
  readonly path: string;
  readonly bytes: Buffer;
  /** As `chmod` takes it. */
  readonly mode: number;
}

/** A layer before it is checked, and what is known of it beside its files. */
export interface LayerContent {
  /** Of the extension; of the first one where there are several. */
  readonly name: string;
  readonly files: readonly LayerFile[];
  /** What a person has written of it: what others wrote is not searched for ports, names and variables. */
  readonly sources: readonly SourceText[];
  /** Programs that a launcher of ours starts by their name alone. */
  readonly needs: readonly string[];
}

export interface SourceText {
  /** As it is shown. */
  readonly path: string;
  readonly text: string;
}

const extensionsFolder = "extensions/";

/** Lambda starts every file directly in the folder, whatever it is (LIFE-01). */
export const isStarted = ({ path }: LayerFile): boolean =>
  path.startsWith(extensionsFolder) && !path.slice(extensionsFolder.length).includes("/");

export const startedName = ({ path }: LayerFile): string => path.slice(extensionsFolder.length);
