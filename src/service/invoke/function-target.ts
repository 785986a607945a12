import type { FunctionTarget } from "../directory.ts";

/** The function an ARN names, with its qualifier; nothing for any other ARN. */
export function functionTarget(arn: string): FunctionTarget | undefined {
  const [, region = "", name = "", qualifier] =
    /^arn:[^:]+:lambda:([^:]+):\d{12}:function:([^:]+)(?::([^:]+))?$/u.exec(arn) ?? [];
  if (name === "") return undefined;
  return { region, name, ...(qualifier === undefined ? {} : { qualifier }) };
}
