#!/usr/bin/env node
// Everything: listens, subscribes, spools, delivers.
import { defineExtension } from "../../dist/toolkit/extension.js";
import { webhook } from "../../dist/toolkit/destinations/webhook.js";

defineExtension({
  name: "bench",
  deliver: {
    to: webhook({ url: process.env.SINK, maxRecords: 10_000, maxBytes: 4_000_000 }),
    strategy: "continuous",
    intervalMs: 50,
    spool: { directory: process.env.SPOOL },
  },
});
