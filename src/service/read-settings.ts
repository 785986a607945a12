/** The service's settings from options and environment variables, each checked (SVC-01). */
import { failure } from "../errors.ts";
import { forwardForms, parseForwardTargets } from "../observability/forwarding/forward-target.ts";
import type { ProjectSettings } from "./project/project.ts";
import { defaultServiceSettings, type ServiceSettings } from "./settings.ts";

export interface SettingSources {
  /** As text, by name; they come before the environment. */
  readonly flags: Readonly<Record<string, string>>;
  /** `LAMBDARIUM_KEEP_ALIVE_MS` for `keepAliveMs`, and so on. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the project, which has checked them; everything else comes before them. */
  readonly project?: ProjectSettings | undefined;
}

type Reader = (text: string) => unknown;

const readers: { readonly [Name in keyof ServiceSettings]-?: Reader } = {
  accountId: matching(/^\d{12}$/, "12 digits"),
  defaultRegion: matching(/^[a-z]{2}(-[a-z]+)+-\d+$/, "a region such as eu-west-1"),
  accountConcurrency: whole(0),
  unreservedMinimum: whole(0),
  maxEnvironments: whole(1),
  placementWaitMs: whole(0),
  keepAliveMs: whole(0),
  deployDelayMs: whole(0),
  asyncRetryDelaysMs: json(
    (value) => Array.isArray(value) && value.every((item) => Number.isInteger(item) && item >= 0),
    "a list of milliseconds such as [60000,120000]",
  ),
  enforcePolicies: flag,
  streamErrorFields: flag,
  dataDir: String,
  forward: forwarded,
  s3Endpoint: matching(/^https?:\/\//, "an http or https address"),
  serviceEndpoints: json(
    (value) => isTextMap(value) && Object.entries(value).every(isEndpoint),
    'an object of addresses (http://, https:// or file://) by "sqs", "sns", "events", "s3" or an ARN',
  ),
  layerSources: json(isTextMap, "an object of paths by layer version ARN"),
};

/** @throws LambdariumError `option-invalid` for a name there is not, or a value it cannot have */
export function readSettings({ flags, environment, project }: SettingSources): ServiceSettings {
  const unknown = Object.keys(flags).find((name) => !(name in readers));
  if (unknown !== undefined)
    throw failure("option-invalid", {
      option: "--setting",
      value: unknown,
      why: `there are ${Object.keys(readers).join(", ")}`,
    });
  const given = Object.entries(readers).flatMap(([name, read]) => {
    const text = flags[name] ?? environment[variableName(name)];
    return text === undefined || text === "" ? [] : [[name, readOne(name, text, read)] as const];
  });
  return { ...defaultServiceSettings, ...project, ...(Object.fromEntries(given) as Partial<ServiceSettings>) };
}

/** As `readSettings`, of values that are no texts. @throws LambdariumError `option-invalid` */
export function checkedSettings(given: Partial<ServiceSettings>, project?: ProjectSettings): ServiceSettings {
  const texts = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === "string" ? value : JSON.stringify(value)] as const],
  );
  return readSettings({ flags: Object.fromEntries(texts), environment: {}, project });
}

const variableName = (name: string): string => `LAMBDARIUM_${name.replaceAll(/[A-Z]/g, "_$&").toUpperCase()}`;

function readOne(name: string, text: string, read: Reader): unknown {
  try {
    return read(text);
  } catch (error) {
    throw failure("option-invalid", { option: name, value: text, why: `it is ${(error as Error).message}` });
  }
}

function matching(pattern: RegExp, what: string): Reader {
  return (text) => {
    if (pattern.test(text)) return text;
    throw new Error(what);
  };
}

function whole(least: number): Reader {
  return (text) => {
    if (/^\d{1,12}$/.test(text) && Number(text) >= least) return Number(text);
    throw new Error(`a whole number, ${least} or more`);
  };
}

function flag(text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new Error("true or false");
}

/** A list as JSON, or as a variable has it, with commas. */
function forwarded(text: string): readonly string[] {
  const list = text.startsWith("[") ? parsed(text) : text.split(",").map((part) => part.trim());
  const texts = Array.isArray(list) ? list.map(String) : [text];
  if (parseForwardTargets(texts) !== undefined) return texts;
  throw new Error(`one or more of ${forwardForms}`);
}

function json(fits: (value: unknown) => boolean, what: string): Reader {
  return (text) => {
    const value = parsed(text);
    if (fits(value)) return value;
    throw new Error(what);
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isEndpoint = ([of, address]: [string, string]): boolean =>
  /^(sqs|sns|events|s3|arn:.+)$/.test(of) && /^(https?|file):\/\//.test(address);

function isTextMap(value: unknown): value is Readonly<Record<string, string>> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((item) => typeof item === "string")
  );
}
