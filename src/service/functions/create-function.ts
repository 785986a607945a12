/** CreateFunction (SVC-31 to SVC-36, SVC-43 to SVC-82). */
import { type ControlCall, gathering } from "../control-operation.ts";
import { checkSource } from "../code/package-source.ts";
import { attachLayers, checkTotalSize } from "../layers/attach-layers.ts";
import type { Input } from "../model/operations.ts";
import { conflict, invalidValue } from "../refusal.ts";
import type { CodeReference, FunctionRecord, Problem } from "../state/records.ts";
import { checkTags } from "../tags/check-tags.ts";
import { publish } from "../versions/publication.ts";
import { checkConfiguration } from "./check-configuration.ts";
import { newConfiguration } from "./configuration.ts";
import { createdVersion, settlingAt } from "./deployment.ts";
import { targetOf } from "./find-function.ts";
import { renderConfiguration } from "./render-configuration.ts";
import { runtimeProblem } from "./runtime-problem.ts";

type Given = Input<"CreateFunction">;
type Package = Given & { readonly Runtime: string; readonly Handler: string };

interface Gathered {
  readonly code: CodeReference;
  /** What a published version keeps. */
  readonly frozen: CodeReference;
  readonly problem: Problem | undefined;
}

export const createFunction = gathering<Given, Gathered>(
  async (given, call, sources) => {
    const { Runtime } = requireCreatable(given, call);
    checkSource(given.Code);
    const [code, problem] = await Promise.all([sources.receive(given.Code), runtimeProblem(Runtime, sources)]);
    const frozen = given.Publish === true && code.kind === "live" ? await sources.copy(code.directory) : code;
    return { code, frozen, problem };
  },
  (given, call, { code, frozen, problem }) => {
    const checked = requireCreatable(given, call);
    const layers = attachLayers(given.Layers ?? [], call);
    checkTotalSize(code, layers);
    const name = nameOf(given, call);
    const created: FunctionRecord = {
      region: call.region,
      name,
      latest: createdVersion(
        { generation: call.newId(), configuration: newConfiguration(name, checked), code, layers },
        call,
      ),
      settling: settlingAt(call.nowMs + call.settings.deployDelayMs, problem),
      lastVersion: call.view.lastVersionOf(call.region, name),
      versions: [],
      aliases: {},
      tags: given.Tags ?? {},
      provisioned: {},
      eventInvoke: {},
      urls: {},
      policies: {},
      runtimeUpdates: {},
    };
    if (given.Publish !== true)
      return {
        body: renderConfiguration(call, created, created.latest),
        changes: [{ kind: "function", record: created }],
      };
    const { record, version } = publish(created, frozen, undefined, call);
    return { body: renderConfiguration(call, record, version), changes: [{ kind: "function", record }] };
  },
);

/** Everything that can be said before the package is looked at. */
function requireCreatable(given: Given, call: ControlCall): Package {
  const name = nameOf(given, call);
  checkConfiguration(given);
  if (given.Tags !== undefined) checkTags(given.Tags, {});
  const { Runtime, Handler } = given;
  if (Runtime === undefined || Handler === undefined)
    throw invalidValue("Runtime and Handler are mandatory parameters for functions created with deployment packages.");
  attachLayers(given.Layers ?? [], call);
  if (call.view.functionNamed(call.region, name) !== undefined) throw conflict(`Function already exist: ${name}`);
  return { ...given, Runtime, Handler };
}

function nameOf({ FunctionName }: Given, call: ControlCall): string {
  const { name, qualifier } = targetOf({ FunctionName }, call);
  // SVC-26: AWS says this in a validator's words, but not as its exception.
  if (name.length > 64)
    throw invalidValue(
      `1 validation error detected: Value '${FunctionName}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64`,
    );
  if (qualifier !== undefined)
    throw invalidValue(`A function is created without a version or alias, not as ${FunctionName}.`);
  return name;
}
