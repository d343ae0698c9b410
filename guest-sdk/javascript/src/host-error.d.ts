/**
 * Why the host refused a call. A refused call has no effect.
 *
 * If you do not catch it, it becomes the answer to the client (in `onConnect` 400 for an invalid argument and 503 for the
 * others, in `onMessage` 400); in hooks without an answer it is logged as an error.
 */
export class HostError extends Error {
  constructor(kind: HostError["kind"], about: { argument?: string; limit?: string; capability?: string; reason: string });

  readonly kind:
    /** No open connection has this id. */
    | "no-such-connection"
    /** The connection is closing and takes no more events. */
    | "closed"
    /** An argument is invalid: `argument` names it. */
    | "invalid-argument"
    /** A limit was reached: `limit` is its configuration key. */
    | "limit-exceeded"
    /** The operator has not granted the capability named in `capability`. */
    | "not-permitted"
    /** The store refused the call: `reason` says why. */
    | "store";
  /** The name of the argument or field, for example `event.id`. */
  readonly argument: string | undefined;
  /** The configuration key of the limit, for example `limits.timers`. */
  readonly limit: string | undefined;
  /** The capability that is not granted, for example `capabilities.keyvalue`. */
  readonly capability: string | undefined;
  /** What is wrong, and what to do. */
  readonly reason: string;
}
