// Why the host refused a call.

/** In words, what the contract has no words for. */
const REASONS = {
  "no-such-connection": "no open connection has this id",
  closed: "the connection is closing and takes no more events",
};

export class HostError extends Error {
  constructor(kind, { argument, key, capability, reason }) {
    const about = argument ?? key;
    super(about === undefined ? reason : `\`${about}\`: ${reason}`);
    this.name = "HostError";
    this.kind = kind;
    this.argument = argument;
    this.key = key;
    this.capability = capability;
    this.reason = reason;
  }

  /** From `error` of the contract, a variant. */
  static from({ tag, val }) {
    if (tag === "invalid-argument" || tag === "limit-exceeded") return new HostError(tag, val);
    if (tag === "not-permitted") return new HostError(tag, { capability: val, reason: `\`${val}\` is not granted to this plugin` });
    return new HostError(tag, { reason: REASONS[tag] ?? val });
  }
}

/** Call the host; refusals are thrown as a `HostError`. */
export function call(host, ...values) {
  try {
    return host(...values);
  } catch (error) {
    throw error.payload === undefined ? error : HostError.from(error.payload);
  }
}
