/** Error types as records and metrics show them (RT-69, EVT-27). */

const reportable = /(Runtime|Function)\.[A-Z][a-zA-Z]+/;

/** RT-69: the header's text is taken as it is when this holds. */
export const isReportableErrorType = (text: string): boolean => reportable.test(text);

/** RT-69: the error type for records and metrics of what a runtime sent in `Lambda-Runtime-Function-Error-Type`. */
export function reportedErrorType(header: string | undefined): string {
  if (header !== undefined && isReportableErrorType(header)) return header;
  return header?.startsWith("Function.") === true ? "Function.Unknown" : "Runtime.Unknown";
}
