// The answer to a message.
import { fields, headers, isPlain, json, text } from "./arguments.js";
import { show } from "./show.js";

const FIELDS = ["status", "headers", "body", "json"];
const SHAPE = "return nothing (202), a string, or { status, headers, body } or { status, headers, json }";

/** No answer: the next plugin of the chain gets the message. */
export const PASS = Object.freeze({ status: 100 });

/** Converts the result of `onMessage` to the contract's `response`. */
export function toResponse(value) {
  if (value === undefined) return { status: 202, headers: [], body: toBody("") };
  if (typeof value === "string" || value instanceof Uint8Array) return { status: 200, headers: [], body: toBody(value) };
  if (!isPlain(value)) throw new TypeError(`onMessage returned ${show(value)}: ${SHAPE}`);
  const { status = 200, body, ...rest } = fields(value, "the answer of onMessage", FIELDS);
  if (!Number.isInteger(status) || (status !== 100 && (status < 200 || status > 599))) {
    throw new TypeError(`the answer's status is 200 to 599, or 100 to pass, not ${show(status)}`);
  }
  const answer = { status, headers: headers(rest.headers, "the answer's headers"), body: toBody(body ?? "") };
  if (rest.json === undefined) return answer;
  if (body !== undefined) throw new TypeError("the answer has both `body` and `json`: use one of them");
  if (!answer.headers.some(([name]) => name === "content-type")) answer.headers.push(["content-type", "application/json"]);
  return { ...answer, body: toBody(json(rest.json, "`json`")) };
}

/** Converts to the contract's `body`. */
export function toBody(content) {
  if (content instanceof Uint8Array) return { tag: "binary", val: content };
  return { tag: "text", val: text(content, "the answer's body") };
}
