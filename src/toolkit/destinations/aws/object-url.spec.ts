import { afterEach, expect, test, vi } from "vitest";
import { objectUrl } from "./object-url.ts";

afterEach(() => void vi.unstubAllEnvs());

const eu = "eu-north-1";

test.each([
  [{ bucket: "b" }, eu, "https://b.s3.eu-north-1.amazonaws.com/a/k"],
  [{ bucket: "b.c" }, eu, "https://s3.eu-north-1.amazonaws.com/b.c/a/k"],
  [{ bucket: "b", pathStyle: true }, eu, "https://s3.eu-north-1.amazonaws.com/b/a/k"],
  [{ bucket: "b" }, "cn-north-1", "https://b.s3.cn-north-1.amazonaws.com.cn/a/k"],
  [{ bucket: "b" }, "us-isob-east-1", "https://b.s3.us-isob-east-1.sc2s.sgov.gov/a/k"],
  [{ bucket: "b", endpoint: "http://127.0.0.1:9000" }, eu, "http://127.0.0.1:9000/b/a/k"],
  [{ bucket: "b", endpoint: "http://localhost:9000/store/" }, eu, "http://localhost:9000/store/b/a/k"],
  [{ bucket: "b", endpoint: "http://store:9000", pathStyle: false }, eu, "http://b.store:9000/a/k"],
])("of %o in %s is %s", (place, region, url) => {
  expect(objectUrl(place, "a/k", region)?.href).toBe(url);
});

test.each([
  [{ AWS_ENDPOINT_URL_S3: "http://s3:1", AWS_ENDPOINT_URL: "http://all:2" }, "http://s3:1/b/k"],
  [{ AWS_ENDPOINT_URL: "http://all:2" }, "http://all:2/b/k"],
  [
    { AWS_ENDPOINT_URL: "http://all:2", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
    "https://b.s3.eu-north-1.amazonaws.com/k",
  ],
  [{ AWS_USE_FIPS_ENDPOINT: "true" }, "https://b.s3-fips.eu-north-1.amazonaws.com/k"],
])("with %o is %s", (variables, url) => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  expect(objectUrl({ bucket: "b" }, "k", eu)?.href).toBe(url);
});
