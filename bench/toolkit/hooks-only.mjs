#!/usr/bin/env node
// The same as bare.mjs, by the toolkit.
import { defineExtension } from "../../dist/toolkit/extension.js";

defineExtension({ onInvoke: () => undefined });
