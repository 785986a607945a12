#!/usr/bin/env node
// As shipper.mjs, by the strategy that is the default, to a destination that needs no network.
import { defineExtension } from "../../dist/toolkit/extension.js";
import { file } from "../../dist/toolkit/destinations/file.js";

defineExtension({ deliver: { to: file({ path: "/tmp/telemetry" }) } });
