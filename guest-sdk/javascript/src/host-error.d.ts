/**
 * Why the host refused a call. Nothing was done in that case.
 *
 * One that you do not catch becomes the client's answer where there is a client (in `onConnect` 400 for an invalid argument
 * and 503 for the others, in `onMessage` 400), and otherwise an error in the log.
 */
export class HostError extends Error {
  constructor(kind: HostError["kind"], about: { argument?: string; limit?: string; capability?: string; reason: string });

  readonly kind:
    /** No open connection has this id: it ended, or never was. */
    | "no-such-connection"
    /** The connection is being closed and takes no more events. */
    | "closed"
    /** An argument breaks a rule: `argument` names it. */
    | "invalid-argument"
    /** A bound was reached: `limit` is its configuration key. */
    | "limit-exceeded"
    /** The operator has not granted it: `capability` names what. */
    | "not-permitted"
    /** The store refused: `reason` says why. */
    | "store";
  /** The argument's or field's name, for example `event.id`. */
  readonly argument: string | undefined;
  /** The configuration key of the bound, for example `limits.timers`. */
  readonly limit: string | undefined;
  /** What the operator would have to grant, for example `capabilities.keyvalue`. */
  readonly capability: string | undefined;
  /** What is wrong, and what to do. */
  readonly reason: string;
}
