// What there is in a plugin beside JavaScript itself. Not setTimeout, process, Buffer, URL or Intl.

interface Console {
  /** Log a record with level `debug`. */
  debug(...values: unknown[]): void;
  /** Log a record with level `info`. */
  log(...values: unknown[]): void;
  /** Log a record with level `info`. */
  info(...values: unknown[]): void;
  /** Log a record with level `warn`. */
  warn(...values: unknown[]): void;
  /** Log a record with level `error`. */
  error(...values: unknown[]): void;
  /** Log a value with level `info`. */
  dir(value: unknown): void;
  /** Log a stack trace with level `debug`. */
  trace(...values: unknown[]): void;
  /** Log an error if the condition is false. */
  assert(holds: unknown, ...values: unknown[]): void;
}
declare var console: Console;

interface Crypto {
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  randomUUID(): string;
}
declare var crypto: Crypto;

declare class TextEncoder {
  readonly encoding: string;
  encode(text?: string): Uint8Array;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

/** UTF-8 only. */
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  /** With `stream`, a character may go on in the next piece. */
  decode(bytes?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}

declare class URLSearchParams {
  constructor(init?: string | Record<string, string> | Iterable<[string, string]>);
  readonly size: number;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  append(name: string, value: string): void;
  set(name: string, value: string): void;
  delete(name: string, value?: string): void;
  sort(): void;
  forEach(work: (value: string, name: string, all: URLSearchParams) => void, self?: unknown): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
  toString(): string;
}

/** `now()` counts from the start of the instance, in milliseconds. */
declare var performance: { now(): number; readonly timeOrigin: number };
declare function structuredClone<T>(value: T): T;
declare function queueMicrotask(task: () => void): void;
declare function btoa(bytes: string): string;
declare function atob(text: string): string;

interface FetchResponse {
  readonly url: string;
  readonly status: number;
  /** Always empty. */
  readonly statusText: string;
  /** Whether the status is 200 to 299. */
  readonly ok: boolean;
  readonly headers: {
    get(name: string): string | null;
    has(name: string): boolean;
    entries(): IterableIterator<[string, string]>;
    [Symbol.iterator](): IterableIterator<[string, string]>;
  };
  text(): Promise<string>;
  json(): Promise<any>;
  bytes(): Promise<Uint8Array>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * An HTTP request to a host that the operator has granted with `[plugins.capabilities.http]`. The plugin's other calls wait
 * until it has ended; it ends before the call's deadline. Redirects are not followed.
 */
declare function fetch(
  url: string,
  options?: {
    method?: string;
    headers?: Record<string, string> | [string, string][];
    body?: string | Uint8Array | URLSearchParams;
  },
): Promise<FetchResponse>;
