/** The Lambda API, called from inside: the same requests that a client sends, without the wire. */
import { randomUUID } from "node:crypto";
import type { AwsApi, AwsResponse } from "../../aws-api/exchange.ts";

/** The API has refused something, in AWS's words. */
export class ControlPlaneRefusal extends Error {
  /** Name of the exception. */
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export type Json = Readonly<Record<string, unknown>>;

export class ControlPlane {
  readonly #api: AwsApi;
  readonly #region: string;
  readonly #host: string;

  /** `host` is what addresses in answers lead back to. */
  constructor(api: AwsApi, region: string, host: string) {
    this.#api = api;
    this.#region = region;
    this.#host = host;
  }

  /** @throws ControlPlaneRefusal */
  async call(route: `${"GET" | "POST" | "PUT" | "DELETE"} /${string}`, input?: Json): Promise<Json> {
    const [method = "", target = ""] = route.split(" ");
    const [path = "", rawQuery = ""] = target.split("?");
    const bytes = new TextEncoder().encode(input === undefined ? "" : JSON.stringify(input));
    const response = await this.#api.answer({
      requestId: randomUUID(),
      method,
      path,
      query: new URLSearchParams(rawQuery),
      rawQuery,
      headers: { "content-type": "application/json", host: this.#host },
      scope: { accessKeyId: "lambdarium", region: this.#region, service: "lambda" },
      sourceIp: "127.0.0.1",
      host: this.#host,
      signal: new AbortController().signal,
      body: () => Promise.resolve(bytes),
    });
    const body = await jsonOf(response);
    if (response.status < 400) return body;
    throw new ControlPlaneRefusal(nameOf(response), response.status, textOf(body) ?? `status ${response.status}`);
  }

  /** As `call`, but nothing for what does not exist. */
  async find(route: `GET /${string}`): Promise<Json | undefined> {
    try {
      return await this.call(route);
    } catch (error) {
      if (error instanceof ControlPlaneRefusal && error.status === 404) return undefined;
      throw error;
    }
  }
}

async function jsonOf({ body }: AwsResponse): Promise<Json> {
  if (body === undefined || body === "") return {};
  if (typeof body !== "string" && !(body instanceof Uint8Array)) return {};
  const text = typeof body === "string" ? body : Buffer.from(body).toString("utf8");
  return text === "" ? {} : (JSON.parse(text) as Json);
}

const nameOf = ({ headers = {} }: AwsResponse): string => {
  const [, name] = Object.entries(headers).find(([header]) => header.toLowerCase() === "x-amzn-errortype") ?? [];
  return typeof name === "string" ? name : "ServiceException";
};

const textOf = (body: Json): string | undefined => {
  const text = body["Message"] ?? body["message"];
  return typeof text === "string" ? text : undefined;
};
