/** CloudFormation's intrinsic functions, as far as values are known before anything is deployed. */
import { type Located, type LocatedMap, memberOf } from "./located.ts";
import type { Place } from "./project.ts";
import {
  absent,
  asText,
  type Inner,
  known,
  noValue,
  parameterValue,
  type Resolved,
  type ResolvedText,
  type ResourceValues,
  type Surroundings,
  Unknown,
  type Value,
} from "./template-value.ts";

export class TemplateValues {
  readonly #template: Located;
  readonly #around: Surroundings;
  readonly #ofResource: ResourceValues;
  /** Names that are being resolved: a condition that needs itself has no value. */
  readonly #open = new Set<string>();

  constructor(template: Located, around: Surroundings, ofResource: ResourceValues) {
    this.#template = template;
    this.#around = around;
    this.#ofResource = ofResource;
  }

  resolve(node: Located): Resolved {
    return this.#attempt(() => this.#value(node));
  }

  /** Numbers and switches as they are written, for what is a text in the end. */
  resolveText(node: Located): ResolvedText {
    return this.#attempt(() => {
      if (node.kind === "scalar") return typeof node.value === "number" ? node.text : String(node.value ?? "");
      const value = this.#value(node);
      return value === noValue ? noValue : asText(value, node.place);
    });
  }

  /** Whether the condition of that name holds; one that cannot be known says why. */
  condition(name: string, place: Place): Resolved {
    return this.#attempt(() => this.#conditionValue(name, place));
  }

  #attempt<T extends Value>(resolve: () => T | typeof noValue): Resolved<T> {
    try {
      const value = resolve();
      return value === noValue ? absent : known(value);
    } catch (error) {
      if (error instanceof Unknown) return { kind: "unknown", place: error.place, why: error.message };
      throw error;
    }
  }

  #value(node: Located): Inner {
    if (node.kind === "scalar") return node.value;
    if (node.kind === "list") return node.items.map((item) => this.#value(item)).filter((item) => item !== noValue);
    const [first] = node.members;
    if (first !== undefined && node.members.size === 1) {
      const [name, { node: argument }] = first;
      if (name === "Ref") return this.#ref(this.#text(argument), argument.place);
      if (name === "Condition") return this.#conditionValue(this.#text(argument), argument.place);
      if (name.startsWith("Fn::")) return this.#call(name.slice(4), argument);
    }
    return this.#map(node);
  }

  #map(node: LocatedMap): Inner {
    const members: Record<string, Value> = {};
    for (const [name, member] of node.members) {
      const value = this.#value(member.node);
      if (value !== noValue) members[name] = value;
    }
    return members;
  }

  #call(name: string, argument: Located): Inner {
    switch (name) {
      case "Sub":
        return this.#sub(argument);
      case "GetAtt":
        return this.#getAtt(argument);
      case "Join":
        return this.#texts(argument, 1).join(this.#text(this.#item(argument, 0)));
      case "Split":
        return this.#text(this.#item(argument, 1)).split(this.#text(this.#item(argument, 0)));
      case "Select":
        return this.#select(argument);
      case "If": {
        const holds = this.#conditionValue(this.#text(this.#item(argument, 0)), argument.place);
        return this.#value(this.#item(argument, holds ? 1 : 2));
      }
      case "FindInMap":
        return this.#findInMap(argument);
      case "ImportValue":
        return this.#importValue(argument);
      case "Base64":
        return Buffer.from(this.#text(argument)).toString("base64");
      case "Equals":
        return JSON.stringify(this.#comparable(argument, 0)) === JSON.stringify(this.#comparable(argument, 1));
      case "Not":
        return !this.#truth(this.#item(argument, 0));
      case "And":
        return this.#items(argument).every((item) => this.#truth(item));
      case "Or":
        return this.#items(argument).some((item) => this.#truth(item));
      default:
        throw new Unknown(argument.place, `Fn::${name} is not supported`);
    }
  }

  /** 1 and "1" are equal to CloudFormation: every parameter is a text. */
  #comparable(argument: Located, index: number): Inner {
    const value = this.#value(this.#item(argument, index));
    return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  }

  #truth(node: Located): boolean {
    const value = this.#value(node);
    return value === true || value === "true";
  }

  #conditionValue(name: string, place: Place): boolean {
    const node = memberOf(memberOf(this.#template, "Conditions"), name);
    if (node === undefined) throw new Unknown(place, `there is no condition ${JSON.stringify(name)}`);
    if (this.#open.has(name)) throw new Unknown(place, `the condition ${JSON.stringify(name)} depends on itself`);
    this.#open.add(name);
    try {
      return this.#truth(node);
    } finally {
      this.#open.delete(name);
    }
  }

  #ref(name: string, place: Place): Inner {
    const override = this.#around.overrides[name];
    const parameter = memberOf(memberOf(this.#template, "Parameters"), name);
    if (override !== undefined) return parameter === undefined ? override : parameterValue(parameter, override);
    const pseudo = this.#pseudo(name);
    if (pseudo !== undefined) return pseudo;
    if (parameter !== undefined) return this.#parameter(name, parameter, place);
    return this.#resource(name, undefined, place);
  }

  #pseudo(name: string): Inner | undefined {
    const { region, accountId, stackName } = this.#around;
    const values: Readonly<Record<string, Inner>> = {
      "AWS::NoValue": noValue,
      "AWS::Region": region,
      "AWS::AccountId": accountId,
      "AWS::Partition": "aws",
      "AWS::URLSuffix": "amazonaws.com",
      "AWS::StackName": stackName,
      "AWS::StackId": `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/00000000-0000-0000-0000-000000000000`,
      "AWS::NotificationARNs": [],
    };
    return values[name];
  }

  #parameter(name: string, parameter: Located, place: Place): Inner {
    const given = memberOf(parameter, "Default");
    if (given?.kind !== "scalar")
      throw new Unknown(place, `the parameter ${name} has no default: give it with --parameter ${name}=VALUE`);
    const type = memberOf(parameter, "Type");
    if (type?.kind === "scalar" && type.text.startsWith("AWS::SSM::"))
      throw new Unknown(place, `the parameter ${name} is kept in SSM: give it with --parameter ${name}=VALUE`);
    return parameterValue(parameter, given.text);
  }

  #resource(name: string, attribute: string | undefined, place: Place): Inner {
    const shown = attribute === undefined ? name : `${name}.${attribute}`;
    const override = this.#around.overrides[shown];
    if (override !== undefined) return override;
    if (this.#open.has(shown)) throw new Unknown(place, `${shown} depends on itself`);
    this.#open.add(shown);
    const resolved = this.#ofResource(name, attribute, place);
    this.#open.delete(shown);
    if (resolved === undefined) throw new Unknown(place, `there is no ${JSON.stringify(name)} in the template`);
    if (resolved.kind === "unknown")
      throw new Unknown(place, `${resolved.why}: give it with --parameter ${shown}=VALUE`);
    return resolved.kind === "absent" ? noValue : resolved.value;
  }

  #getAtt(argument: Located): Inner {
    const parts = argument.kind === "list" ? this.#texts(argument) : this.#text(argument).split(".");
    const [name = "", ...attribute] = parts;
    return this.#resource(name, attribute.join("."), argument.place);
  }

  #sub(argument: Located): Inner {
    const pattern = this.#text(argument.kind === "list" ? this.#item(argument, 0) : argument);
    const own = argument.kind === "list" ? argument.items[1] : undefined;
    return pattern.replaceAll(/\$\{(!?)\s*([^}]+?)\s*\}/g, (_, literal: string, name: string) => {
      if (literal === "!") return `\${${name}}`;
      const mine = memberOf(own, name);
      if (mine !== undefined) return this.#text(mine);
      const dot = name.indexOf(".");
      const value =
        dot < 0
          ? this.#ref(name, argument.place)
          : this.#resource(name.slice(0, dot), name.slice(dot + 1), argument.place);
      return asText(value, argument.place);
    });
  }

  #select(argument: Located): Inner {
    const index = Number(this.#text(this.#item(argument, 0)));
    const list = this.#value(this.#item(argument, 1));
    const chosen: Value | undefined = Array.isArray(list) ? (list as readonly Value[])[index] : undefined;
    if (chosen === undefined) throw new Unknown(argument.place, `the list has no item ${index}`);
    return chosen;
  }

  #findInMap(argument: Located): Inner {
    const keys = this.#texts(argument).slice(0, 3);
    let node = memberOf(this.#template, "Mappings");
    for (const key of keys) node = memberOf(node, key);
    if (node === undefined) throw new Unknown(argument.place, `there is no mapping ${keys.join(" → ")}`);
    return this.#value(node);
  }

  #importValue(argument: Located): Inner {
    const name = this.#text(argument);
    const override = this.#around.overrides[name];
    if (override !== undefined) return override;
    throw new Unknown(argument.place, `${name} is exported by another stack: give it with --parameter ${name}=VALUE`);
  }

  #text(node: Located): string {
    return node.kind === "scalar" ? node.text : asText(this.#value(node), node.place);
  }

  #items(node: Located): readonly Located[] {
    if (node.kind === "list") return node.items;
    throw new Unknown(node.place, "a list is needed here");
  }

  #item(node: Located, index: number): Located {
    const item = this.#items(node)[index];
    if (item === undefined) throw new Unknown(node.place, `${index + 1} values are needed here`);
    return item;
  }

  /** The texts of a list, or of the list that is an item of it. */
  #texts(node: Located, index?: number): string[] {
    const list = this.#value(index === undefined ? node : this.#item(node, index));
    if (!Array.isArray(list)) throw new Unknown(node.place, "a list is needed here");
    return (list as readonly Value[]).map((item) => asText(item, node.place));
  }
}
