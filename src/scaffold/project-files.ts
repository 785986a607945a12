/** What every new project has, whatever it is for. */

/** Text by path. */
export type ProjectFiles = Readonly<Record<string, string>>;

export interface NewProject {
  readonly name: string;
  /** Of Lambdarium; the project takes it or a newer one that is compatible. */
  readonly version: string;
}

export const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

export const manifest = ({ name, version }: NewProject, scripts: Readonly<Record<string, string>>): string =>
  json({
    name: name.toLowerCase(),
    version: "0.1.0",
    private: true,
    type: "module",
    scripts,
    // Tests run by Node.js's own test runner; the other two are for the editor and for `npm run types`.
    devDependencies: { "@types/node": "^20.19.0", lambdarium: `^${version}`, typescript: ">=5.8" },
    engines: { node: ">=20.19" },
  });

/** Nothing is emitted: the packer compiles. */
export const compilerOptions = {
  target: "ES2023",
  module: "NodeNext",
  types: ["node"],
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  skipLibCheck: true,
};

export const ignored = ["node_modules/", "dist/", ".lambdarium/", ""].join("\n");

/** `code` in a text of Markdown. */
export const fenced = (language: string, lines: readonly string[]): string =>
  ["```" + language, ...lines, "```"].join("\n");
