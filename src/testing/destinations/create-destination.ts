/** The door to fake destinations: who tests without them does not load them. */
import type { DestinationOptions, FakeDestination } from "./fake-destination.ts";
import type { DestinationKind } from "./wire-formats.ts";

/**
 * Opens a fake back end on a free port of 127.0.0.1, which takes what an extension delivers and fails as it is told. It
 * speaks HTTP, not HTTPS, and checks no signature and no key.
 * @throws LambdariumError `invalid-setting` for a kind there is no fake of.
 */
export async function createDestination<Kind extends DestinationKind>(
  kind: Kind,
  options: DestinationOptions = {},
): Promise<FakeDestination<Kind>> {
  const { openDestination } = await import("./fake-destination.ts");
  return openDestination(kind, options);
}
