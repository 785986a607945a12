import type { Credentials } from "./hosted-function.ts";

/** Opens nothing: code that must reach AWS gets credentials by the settings. */
export const placeholderCredentials: Credentials = {
  accessKeyId: "LAMBDARIUMPLACEHOLDER",
  secretAccessKey: "lambdarium-placeholder-secret",
  sessionToken: "lambdarium-placeholder-token",
};
