/** Which handlers a source file exports, read off its text: customer code is never run to find out. */

/** The names AWS's examples use, most usual first. */
const handlerNames = ["handler", "lambda_handler", "lambdaHandler"] as const;

export function handlersInNodeSource(text: string): readonly string[] {
  return handlerNames.filter((name) => nodeExports(name).test(text));
}

export function handlersInPythonSource(text: string): readonly string[] {
  return handlerNames.filter((name) => pythonDefines(name).test(text));
}

/** Assignments and declarations of both module systems, and how bundlers write them. */
function nodeExports(name: string): RegExp {
  const forms = [
    String.raw`\bexports\.${name}\s*=[^=]`,
    String.raw`\bexports\[["']${name}["']\]\s*=[^=]`,
    String.raw`\bmodule\.exports\s*=\s*\{[^}]*\b${name}\b`,
    String.raw`\bexport\s+(?:async\s+)?(?:const|let|var|function\*?|class)\s+${name}\b`,
    String.raw`\bexport\s*\{[^}]*\b${name}\s*[,}]`,
    // esbuild: `__export(index_exports, { handler: () => handler });`
    String.raw`\b__export\([^)]*\{[^}]*\b${name}:\s*\(\)\s*=>`,
    String.raw`\bdefineProperty\(exports,\s*["']${name}["']`,
  ];
  return new RegExp(forms.join("|"));
}

function pythonDefines(name: string): RegExp {
  const forms = [
    String.raw`^(?:async\s+)?def\s+${name}\s*\(`,
    String.raw`^${name}\s*(?::[^=\n]*)?=[^=]`,
    String.raw`^from\s+\S+\s+import\s+.*\b${name}\b`,
  ];
  return new RegExp(forms.join("|"), "m");
}
