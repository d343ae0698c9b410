// The arguments of a command. One that is missing is the sender's fault.
import { Connection, Rejection } from "roomcast";

const MAX_U32 = 0xffff_ffff;

export class Arguments {
  /** `sender` is the id of the connection that the command came from, if there is one. */
  constructor(command, sender) {
    this.command = command;
    this.sender = sender;
  }

  text(name) {
    return this.optionalText(name) ?? this.#missing(`text \`${name}\``);
  }

  optionalText(name) {
    const value = this.command[name];
    return typeof value === "string" ? value : undefined;
  }

  number(name, most = MAX_U32) {
    const value = this.command[name];
    return Number.isInteger(value) && value >= 0 && value <= most ? value : this.#missing(`number \`${name}\``);
  }

  integer(name) {
    const value = this.command[name];
    return Number.isSafeInteger(value) ? value : this.#missing(`number \`${name}\``);
  }

  texts(name) {
    const list = this.command[name];
    return Array.isArray(list) && list.every((text) => typeof text === "string") ? list : this.#missing(`list of texts \`${name}\``);
  }

  pairs(name) {
    const list = this.command[name] ?? [];
    if (!list.every((pair) => pair.length === 2 && pair.every((text) => typeof text === "string"))) this.#missing(`pairs \`${name}\``);
    return list;
  }

  connection() {
    return this.optionalConnection("connection") ?? (this.sender ? new Connection(this.sender) : this.#missing("`connection`"));
  }

  optionalConnection(name) {
    const id = this.optionalText(name);
    try {
      return id === undefined ? undefined : new Connection(id);
    } catch (why) {
      throw new Rejection(400, why.message);
    }
  }

  #missing(what) {
    throw new Rejection(400, `${JSON.stringify(this.command)}: no ${what}`);
  }
}
