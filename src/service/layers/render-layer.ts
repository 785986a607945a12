/** A layer version as the API shows it (SVC-116). */
import type { ControlCall } from "../control-operation.ts";
import type { LayerVersionRecord } from "../state/records.ts";
import { offsetTime } from "../times.ts";

/** `whole` with its content, as lists do not show it. */
export const renderLayerVersion = (
  call: Pick<ControlCall, "linkTo">,
  arn: string,
  version: LayerVersionRecord,
  whole: boolean,
): object => ({
  ...(whole ? { LayerArn: arn } : {}),
  LayerVersionArn: `${arn}:${version.version}`,
  Version: version.version,
  Description: version.description,
  CreatedDate: offsetTime(version.createdMs),
  ...(version.compatibleRuntimes === undefined ? {} : { CompatibleRuntimes: version.compatibleRuntimes }),
  ...(version.compatibleArchitectures === undefined
    ? {}
    : { CompatibleArchitectures: version.compatibleArchitectures }),
  ...(version.licenseInfo === undefined ? {} : { LicenseInfo: version.licenseInfo }),
  ...(whole
    ? {
        Content: {
          Location: call.linkTo(version.code),
          CodeSha256: version.code.sha256,
          CodeSize: version.code.sizeBytes,
        },
      }
    : {}),
});
