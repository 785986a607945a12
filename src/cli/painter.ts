/** Colours of a terminal, or none. */

export interface Painter {
  readonly plain: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly calm: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly telemetry: (text: string) => string;
}

const codes = {
  strong: [1, 22],
  faint: [2, 22],
  calm: [34, 39],
  bad: [31, 39],
  warning: [33, 39],
  telemetry: [35, 39],
};

export function painter(colour: boolean): Painter {
  const ink =
    ([on, off]: readonly number[]) =>
    (text: string): string =>
      colour && text !== "" ? `\u001B[${on}m${text}\u001B[${off}m` : text;
  return {
    plain: (text) => text,
    strong: ink(codes.strong),
    faint: ink(codes.faint),
    calm: ink(codes.calm),
    bad: ink(codes.bad),
    warning: ink(codes.warning),
    telemetry: ink(codes.telemetry),
  };
}
