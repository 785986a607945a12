/** `lambdarium doctor`: its options. */
import { buildCommand } from "@stricli/core";

export interface DoctorFlags {
  readonly json?: boolean;
}

export const doctorCommand = buildCommand<DoctorFlags>({
  loader: async () => (await import("./doctor.ts")).doctor,
  parameters: {
    flags: {
      json: { kind: "boolean", optional: true, withNegated: false, brief: "Print one JSON document" },
    },
  },
  docs: {
    brief: "Say what this machine offers: interpreters, and what each sandbox isolates",
    fullDescription: [
      "Says which interpreter runs each runtime here, which sandbox drivers work, what each of them isolates and why not",
      "more, and how to get what is missing. It changes nothing.",
    ].join("\n"),
  },
});
