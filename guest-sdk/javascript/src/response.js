// The answer to a message.
import { fields, headers, isPlain, json, text } from "./arguments.js";
import { toBytes } from "./body.js";
import { Rejection } from "./rejection.js";
import { show } from "./show.js";

const FIELDS = ["status", "headers", "body", "json"];
const SHAPE = "return nothing (202), a string, or { status, headers, body } or { status, headers, json }";

/** No answer: the next plugin of the chain gets the message. */
export const PASS = Symbol("PASS");

/** Converts the result of `onMessage` to the contract's `reply`. */
export function toReply(value) {
  // A rejection that is returned was meant.
  if (value instanceof Rejection) throw value;
  return value === PASS ? { tag: "pass" } : { tag: "answer", val: toResponse(value) };
}

function toResponse(value) {
  if (value === undefined) return { status: 202, headers: [], body: toContent("") };
  if (typeof value === "string" || value instanceof Uint8Array) return { status: 200, headers: [], body: toContent(value) };
  if (!isPlain(value)) throw new TypeError(`onMessage returned ${show(value)}: ${SHAPE}`);
  const { status = 200, body, ...rest } = fields(value, "the answer of onMessage", FIELDS);
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError(`the answer's status is 200 to 599, not ${show(status)}`);
  }
  const pairs = headers(rest.headers, "the answer's headers");
  if (rest.json === undefined) return { status, headers: pairs, body: toContent(body ?? "") };
  if (body !== undefined) throw new TypeError("the answer has both `body` and `json`: use one of them");
  if (!pairs.some(([name]) => name === "content-type")) pairs.push(["content-type", "application/json"]);
  return { status, headers: pairs, body: toBytes(json(rest.json, "`json`")) };
}

/** Text or bytes: an object has to be sent as `json`. */
function toContent(body) {
  return toBytes(body instanceof Uint8Array ? body : text(body, "the answer's body"), "the answer's body");
}
