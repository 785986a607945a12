/** Which ranges and periods CloudWatch takes. */
import { plainStatistics } from "./statistic.ts";

/** Nothing when it is a period CloudWatch has. */
export const periodProblem = (periodSeconds: number, parameter: string): string | undefined =>
  [1, 5, 10, 20, 30].includes(periodSeconds) || (periodSeconds % 60 === 0 && periodSeconds <= 31_536_000)
    ? undefined
    : `The parameter ${parameter} must be 1, 5, 10, 20, 30 or a multiple of 60.`;

export const rangeProblem = (start: Date, end: Date): string | undefined =>
  start.getTime() < end.getTime() ? undefined : "The parameter StartTime must be less than the parameter EndTime.";

export const statisticProblem = (text: string, parameter: string): string =>
  `The value ${text} for parameter ${parameter} is not supported: it is one of ${plainStatistics.join(", ")}, or has the form of p99, tm99, tc99, ts99, wm99, TM(10%:90%), TC(), TS(), WM(), PR(:300) or IQM.`;
