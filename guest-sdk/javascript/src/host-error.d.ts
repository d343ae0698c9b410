/**
 * Why the host refused a call. A refused call has no effect.
 *
 * If you do not catch it, it is logged as an error with its location, and the client of a hook that has an answer gets status 500,
 * or 503 if a limit was reached. Catch what is the client's fault, and throw a `Rejection` with words of your own.
 */
export class HostError extends Error {
  constructor(kind: HostError["kind"], about: { argument?: string; key?: string; capability?: string; reason: string });

  readonly kind:
    /** No open connection has this id. */
    | "no-such-connection"
    /** The connection is closing and takes no more events. */
    | "closed"
    /** An argument is invalid: `argument` names it. */
    | "invalid-argument"
    /** A limit was reached: `key` is its configuration key. */
    | "limit-exceeded"
    /** The operator has not granted the capability named in `capability`. */
    | "not-permitted"
    /** The store refused the call: `reason` says why. */
    | "store"
    /** An error that this version does not name: `reason` says it. */
    | "other";
  /** The name of the argument or field, for example `event.id`. */
  readonly argument: string | undefined;
  /** The configuration key of the limit, for example `limits.timers`. */
  readonly key: string | undefined;
  /** The capability that is not granted, for example `capabilities.keyvalue`. */
  readonly capability: string | undefined;
  /** What is wrong, and what to do. */
  readonly reason: string;
}
