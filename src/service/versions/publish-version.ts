/** PublishVersion and ListVersionsByFunction (SVC-98 to SVC-103). */
import { gathering } from "../control-operation.ts";
import { requireRevision, requireSettled } from "../functions/deployment.ts";
import { requireFunction, requireUnqualified, targetOf } from "../functions/find-function.ts";
import { type LiveMeasures, measureLive, measureOf } from "../functions/live-measures.ts";
import { renderConfiguration, renderListed } from "../functions/render-configuration.ts";
import type { Input } from "../model/operations.ts";
import { byNumber, page } from "../page.ts";
import { invalidValue } from "../refusal.ts";
import type { CodeReference, FunctionRecord, VersionRecord } from "../state/records.ts";
import { publish } from "./publication.ts";

type Given = Input<"PublishVersion">;

export const publishVersion = gathering<Given, CodeReference>(
  async (given, call, sources) => {
    if (given.PublishTo !== undefined) throw invalidValue("PublishTo is not supported by this service.");
    const target = targetOf(given, call);
    requireUnqualified(target, "PublishVersion");
    const { code } = requireFunction(call, target).latest.deployment;
    return code.kind === "live" ? sources.copy(code.directory) : code;
  },
  (given, call, code) => {
    const record = requireFunction(call, targetOf(given, call));
    requireSettled(record, call.accountId);
    requireRevision(given.RevisionId, record.latest.revisionId);
    if (given.CodeSha256 !== undefined && given.CodeSha256 !== code.sha256)
      throw invalidValue(
        `CodeSHA256 (${given.CodeSha256}) is different from current CodeSHA256 in $LATEST (${code.sha256}). Please try again with the CodeSHA256 in $LATEST.`,
      );
    const same = lastPublication(record, code);
    if (same !== undefined) return { body: renderConfiguration(call, record, same, { qualifier: same.version }) };
    const published = publish(record, code, given.Description, call);
    const { version } = published;
    return {
      body: renderConfiguration(call, published.record, version, { qualifier: version.version }),
      changes: [{ kind: "function", record: published.record }],
    };
  },
);

/** SVC-99: the version that another publication would only repeat; an edited directory is something new. */
function lastPublication(record: FunctionRecord, code: CodeReference): VersionRecord | undefined {
  const { published, latest, versions } = record;
  if (published?.generation !== latest.deployment.generation) return undefined;
  const version = versions.find((candidate) => candidate.version === published.version);
  return version?.deployment.code.sha256 === code.sha256 ? version : undefined;
}

export const listVersionsByFunction = gathering<Input<"ListVersionsByFunction">, LiveMeasures>(
  (given, call, sources) => measureLive([requireFunction(call, targetOf(given, call))], sources),
  (given, call, measures) => {
    const record = requireFunction(call, targetOf(given, call));
    const versions = [record.latest, ...record.versions];
    const { items, ...rest } = page(versions, ({ version }) => version, given, { compare: byNumber });
    return {
      body: {
        Versions: items.map((version) =>
          renderListed(call, record, version, { qualifier: version.version, measure: measureOf(version, measures) }),
        ),
        ...rest,
      },
    };
  },
);
