/** Keys and passwords: read when first needed, read again when they were refused, never in a message. */
import { reasonOf } from "../../extension-error.ts";
import type { SendResult } from "../destination.ts";

/** Itself, or how it is got, from a parameter store for instance. */
export type Secret = string | (() => string | Promise<string>);

export interface SecretUse {
  /** Set where there is none, and nothing that could get one. */
  readonly problem: string | undefined;
  /** Sends with the secret; what the result says is cleaned of it. */
  sendWith(send: (secret: string) => Promise<SendResult>): Promise<SendResult>;
}

/** `missing` says what to do where there is none. */
export function secretUse(given: Secret | undefined, missing: string): SecretUse {
  let kept: string | undefined;
  return {
    problem: typeof given !== "function" && (given ?? "").trim() === "" ? missing : undefined,
    async sendWith(send) {
      try {
        kept ??= (typeof given === "function" ? await given() : given)?.trim();
      } catch (error) {
        return { kind: "try later", reason: `the key could not be read: ${reasonOf(error)}` };
      }
      if (kept === undefined || kept === "") return { kind: "closed", reason: missing };
      const secret = kept;
      const result = await send(secret);
      // It may have been changed: the next attempt reads it anew.
      if (result.kind === "closed") kept = undefined;
      return withoutSecret(result, secret);
    },
  };
}

function withoutSecret(result: SendResult, secret: string): SendResult {
  const clean = (reason: string): string => reason.replaceAll(secret, "[secret]");
  switch (result.kind) {
    case "delivered":
    case "too large":
      return result;
    case "partly":
      return { ...result, failed: result.failed.map((item) => ({ ...item, reason: clean(item.reason) })) };
    case "refused":
    case "try later":
    case "closed":
      return { ...result, reason: clean(result.reason) };
    default:
      return result satisfies never;
  }
}
