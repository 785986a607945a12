/** The control plane as a project uses it: its operations, on behalf of one region. */
import type { Caller, ControlPlane } from "../control-plane.ts";
import type { ControlOperationName, Input } from "../model/operations.ts";
import { Refusal } from "../refusal.ts";
import type { PreparedFunction } from "./prepared-function.ts";

/** Of any operation: the compiler does not follow all of them at once. */
interface Performing {
  readonly perform: (name: ControlOperationName, input: object, caller: Caller) => Promise<Answered>;
}

/** Performs operations as one caller. */
export class Deployer {
  readonly #controlPlane: ControlPlane;
  readonly #caller: Caller;

  constructor(controlPlane: ControlPlane, caller: Caller) {
    this.#controlPlane = controlPlane;
    this.#caller = caller;
  }

  get accountId(): string {
    return this.#controlPlane.settings.accountId;
  }

  /** The answer, in AWS's words. @throws Refusal */
  async perform<Name extends ControlOperationName>(name: Name, input: Input<Name>): Promise<Answered> {
    return this.#perform(name, input);
  }

  /** As `perform`, but nothing for what does not exist. */
  async find<Name extends ControlOperationName>(name: Name, input: Input<Name>): Promise<Answered | undefined> {
    try {
      return await this.#perform(name, input);
    } catch (error) {
      if (error instanceof Refusal && error.error.name === "ResourceNotFoundException") return undefined;
      throw error;
    }
  }

  #perform(name: ControlOperationName, input: object): Promise<Answered> {
    return (this.#controlPlane as unknown as Performing).perform(name, input, this.#caller);
  }

  /** Before anything of the function runs, or to replace what runs; nothing happens where nothing has changed. */
  setExtensions(name: string, files: PreparedFunction["extensionFiles"]): void {
    this.#controlPlane.setExtensionFiles(this.#caller.region, name, files);
  }

  /** Goes back, when it is called, to what the function is now, or to there being none. */
  remember(name: string): () => void {
    return this.#controlPlane.remember(this.#caller.region, name);
  }

  /** Replaces the environments as an update would: files they have read are others now. */
  redeploy(name: string): void {
    this.#controlPlane.redeploy(this.#caller.region, name);
  }
}

/** What is read of answers. */
export interface Answered {
  readonly FunctionArn?: string;
  readonly FunctionUrl?: string;
  readonly State?: string;
  readonly StateReason?: string;
  readonly LastUpdateStatus?: string;
  readonly LastUpdateStatusReason?: string;
  readonly Version?: string | number;
  readonly LayerVersions?: readonly { readonly Description?: string; readonly LayerVersionArn: string }[];
  readonly LayerVersionArn?: string;
}
