/** UpdateFunctionCode and UpdateFunctionConfiguration (SVC-86 to SVC-97). */
import { type Answer, type ControlCall, gathering } from "../control-operation.ts";
import { checkSource } from "../code/package-source.ts";
import { attachLayers, checkTotalSize } from "../layers/attach-layers.ts";
import type { Input } from "../model/operations.ts";
import { invalidValue } from "../refusal.ts";
import type { CodeReference, Deployment, FunctionRecord, Problem } from "../state/records.ts";
import { publish } from "../versions/publication.ts";
import { checkConfiguration } from "./check-configuration.ts";
import { updatedConfiguration } from "./configuration.ts";
import { deploying, requireRevision, requireSettled } from "./deployment.ts";
import { requireFunction, requireUnqualified, targetOf } from "./find-function.ts";
import { renderConfiguration } from "./render-configuration.ts";
import { runtimeProblem } from "./runtime-problem.ts";

type Code = Input<"UpdateFunctionCode">;
type Settings = Input<"UpdateFunctionConfiguration">;

interface NewCode {
  readonly code: CodeReference;
  readonly frozen: CodeReference;
  readonly problem: Problem | undefined;
}

export const updateFunctionCode = gathering<Code, NewCode>(
  async (given, call, sources) => {
    const { configuration } = requireChangeable(given, call, "UpdateFunctionCode").latest.deployment;
    if (given.ImageUri !== undefined)
      throw invalidValue("Please don't provide ImageUri when updating a function with packageType Zip.");
    if (given.PublishTo !== undefined) throw invalidValue("PublishTo is not supported by this service.");
    checkSource(given);
    const [code, problem] = await Promise.all([sources.receive(given), runtimeProblem(configuration.Runtime, sources)]);
    const frozen = given.Publish === true && code.kind === "live" ? await sources.copy(code.directory) : code;
    return { code, frozen, problem };
  },
  (given, call, { code, frozen, problem }) => {
    const record = requireChangeable(given, call, "UpdateFunctionCode");
    const former = record.latest.deployment;
    const { Architectures = former.configuration.Architectures } = given;
    checkTotalSize(code, former.layers);
    const deployment = { ...former, code, configuration: { ...former.configuration, Architectures } };
    if (given.DryRun === true) {
      const { latest } = record;
      return { body: renderConfiguration(call, record, { ...latest, deployment }) };
    }
    const updated = deploy(record, deployment, problem, call);
    if (given.Publish !== true) return answer(updated, call);
    const { record: published, version } = publish(updated, frozen, undefined, call);
    return {
      body: renderConfiguration(call, published, version, { qualifier: version.version }),
      changes: [{ kind: "function", record: published }],
    };
  },
);

export const updateFunctionConfiguration = gathering<Settings, Problem | undefined>(
  async (given, call, sources) => {
    const { configuration } = requireChangeable(given, call, "UpdateFunctionConfiguration").latest.deployment;
    checkConfiguration(given);
    return runtimeProblem(given.Runtime ?? configuration.Runtime, sources);
  },
  (given, call, problem) => {
    const record = requireChangeable(given, call, "UpdateFunctionConfiguration");
    const former = record.latest.deployment;
    const layers = given.Layers === undefined ? former.layers : attachLayers(given.Layers, call, former.layers);
    checkTotalSize(former.code, layers);
    const configuration = updatedConfiguration(record.name, former.configuration, given);
    return answer(deploy(record, { ...former, configuration, layers }, problem, call), call);
  },
);

function requireChangeable(
  given: { readonly FunctionName: string; readonly RevisionId?: string },
  call: ControlCall,
  doing: string,
): FunctionRecord {
  const target = targetOf(given, call);
  requireUnqualified(target, doing);
  const record = requireFunction(call, target);
  requireSettled(record, call.accountId);
  requireRevision(given.RevisionId, record.latest.revisionId);
  return record;
}

/** Equal values make a new generation too (SVC-91). */
const deploy = (
  record: FunctionRecord,
  deployment: Deployment,
  problem: Problem | undefined,
  call: ControlCall,
): FunctionRecord => deploying(record, { ...deployment, generation: call.newId() }, problem, call, call.settings);

const answer = (record: FunctionRecord, call: ControlCall): Answer => ({
  body: renderConfiguration(call, record, record.latest),
  changes: [{ kind: "function", record }],
});
