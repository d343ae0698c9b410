// Polyfills for globals that QuickJS lacks. Runs first in a component, before the author's code.
import { structuredClone } from "./clone.js";
import { console } from "./console.js";
import { performance } from "./performance.js";
import { fromAsync, Promise, queueMicrotask } from "./promise.js";
import { crypto, random } from "./random.js";
import { URLSearchParams } from "./search-params.js";
import { TextDecoder, TextEncoder } from "./text.js";

// `self` is what libraries ask for in a worker.
Object.assign(globalThis, { self: globalThis, Promise, queueMicrotask, console, crypto, performance });
Math.random = random;
Array.fromAsync = fromAsync;
for (const [name, value] of Object.entries({ structuredClone, TextDecoder, TextEncoder, URLSearchParams })) {
  globalThis[name] ??= value;
}
