/** GetFunction, GetFunctionConfiguration, ListFunctions (SVC-37 to SVC-40). */
import { type ControlCall, gathering } from "../control-operation.ts";
import type { Input } from "../model/operations.ts";
import { page } from "../page.ts";
import type { FunctionRecord, VersionRecord } from "../state/records.ts";
import { requireVersion, targetOf } from "./find-function.ts";
import { type LiveMeasures, measureLive, measureOf } from "./live-measures.ts";
import { renderConfiguration, renderListed } from "./render-configuration.ts";

export const getFunction = gathering<Input<"GetFunction">, LiveMeasures>(
  (given, call, sources) => measureLive([requireVersion(call, targetOf(given, call)).record], sources),
  (given, call, measures) => {
    const target = targetOf(given, call);
    const { record, version } = requireVersion(call, target);
    const { reserved, tags } = record;
    const unqualified = target.qualifier === undefined;
    return {
      body: {
        Configuration: renderConfiguration(call, record, version, {
          qualifier: target.qualifier,
          measure: measureOf(version, measures),
        }),
        Code: { RepositoryType: "S3", Location: call.linkTo(version.deployment.code) },
        ...(unqualified && Object.keys(tags).length > 0 ? { Tags: tags } : {}),
        ...(unqualified && reserved !== undefined ? { Concurrency: { ReservedConcurrentExecutions: reserved } } : {}),
      },
    };
  },
);

export const getFunctionConfiguration = gathering<Input<"GetFunctionConfiguration">, LiveMeasures>(
  (given, call, sources) => measureLive([requireVersion(call, targetOf(given, call)).record], sources),
  (given, call, measures) => {
    const { qualifier, ...target } = targetOf(given, call);
    const { record, version } = requireVersion(call, { ...target, ...(qualifier === undefined ? {} : { qualifier }) });
    const measure = measureOf(version, measures);
    return { body: renderConfiguration(call, record, version, { qualifier, measure }) };
  },
);

export const listFunctions = gathering<Input<"ListFunctions">, LiveMeasures>(
  (_given, call, sources) => measureLive(call.view.functionsIn(call.region), sources),
  (given, call, measures) => {
    const all = given.FunctionVersion === "ALL";
    const rows = call.view.functionsIn(call.region).flatMap((record) => rowsOf(record, all));
    const { items, ...rest } = page(rows, ({ key }) => key, given);
    return { body: { Functions: items.map((row) => renderRow(call, row, all, measures)), ...rest } };
  },
);

interface Listed {
  readonly key: string;
  readonly record: FunctionRecord;
  readonly version: VersionRecord;
}

function rowsOf(record: FunctionRecord, all: boolean): readonly Listed[] {
  const versions = all ? [record.latest, ...record.versions] : [record.latest];
  return versions.map((version) => ({ key: sortKey(record, version), record, version }));
}

/** By name, then by number; `$LATEST` first. A blank comes before every character of a name. */
const sortKey = ({ name }: FunctionRecord, { version }: VersionRecord): string =>
  `${name} ${(version === "$LATEST" ? "" : version).padStart(12, "0")}`;

const renderRow = (call: ControlCall, { record, version }: Listed, all: boolean, measures: LiveMeasures): object =>
  renderListed(call, record, version, {
    qualifier: all ? version.version : undefined,
    measure: measureOf(version, measures),
  });
