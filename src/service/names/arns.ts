/** ARNs of functions and layers. */

interface Place {
  readonly region: string;
  readonly accountId: string;
}

/** SVC-24: the qualifier only when the request named it. */
export const functionArn = ({ region, accountId }: Place, name: string, qualifier?: string): string =>
  `arn:aws:lambda:${region}:${accountId}:function:${name}${qualifier === undefined ? "" : `:${qualifier}`}`;

export const layerArn = ({ region, accountId }: Place, name: string): string =>
  `arn:aws:lambda:${region}:${accountId}:layer:${name}`;

export interface LayerName {
  /** Absent when the name alone was given. */
  readonly region?: string;
  readonly accountId?: string;
  readonly name: string;
  readonly version?: number;
}

/** From a name, a layer's ARN or a layer version's ARN that passed the model. */
export function parseLayerName(value: string): LayerName {
  const parts = value.split(":");
  if (parts.length < 7) return { name: value };
  const [, , , region, accountId, , name, version] = parts as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string?,
  ];
  return { region, accountId, name, ...(version === undefined ? {} : { version: Number(version) }) };
}
