/** What the codes of failed connections mean for whoever wrote the address. */

/** Such as `ECONNREFUSED (nobody listens there)`; undefined for a code that says enough, or that is not known. */
export function connectionProblem(code: string | undefined): string | undefined {
  const meaning =
    code === undefined ? undefined : (meanings[code] ?? (certificateCodes.test(code) ? untrusted : undefined));
  return meaning === undefined ? code : `${code} (${meaning})`;
}

const untrusted = "its certificate is not trusted: name its authority's file in the variable NODE_EXTRA_CA_CERTS";
const certificateCodes = /SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)|CERT_UNTRUSTED/;

const meanings: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  EAI_AGAIN: "names cannot be looked up here",
  ECONNREFUSED: "nobody listens there",
  EHOSTUNREACH: "there is no way to it from here",
  ENETUNREACH: "there is no way to it from here",
  ENOTFOUND: "there is no such host",
  EPROTO: "it does not speak TLS as this does",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
};
