/** What `JSON.stringify` makes JSON of: plain values, arrays, objects, and whatever has a `toJSON`. */
export type JsonValue = string | number | boolean | null | object;

/** One server-sent event. A plain string is an event that has nothing but data. */
export type Event =
  | string
  | {
      /**
       * The payload. A string goes out as it is, and the receiver sees its lines joined by `\n`; anything else goes out
       * as JSON.
       */
      data: JsonValue;
      /** The event's type, what `addEventListener` listens to; none means `message`. No line breaks. */
      event?: string;
      /** The client's last event id from now on. Characters `A-Z a-z 0-9 . _ -`, at most 128; empty resets it. */
      id?: string | number;
      /** How long the client waits before it reconnects, in milliseconds; at least 500. */
      retryMs?: number;
    };

/** An event that somebody has published. */
export interface PublishedEvent {
  /** The payload, as text. */
  data: string;
  event: string | undefined;
  id: string | undefined;
  retryMs: number | undefined;
}
