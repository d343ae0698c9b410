// Hints for globals that are missing here, and their replacements.

const NO_FRAMES = "a plugin draws nothing: use setTimeout(callback, 0)";

const HINTS = {
  setImmediate: "use setTimeout(callback, 0)",
  clearImmediate: "use setTimeout and clearTimeout",
  requestAnimationFrame: NO_FRAMES,
  requestIdleCallback: NO_FRAMES,
  AbortController: "nothing runs beside a hook: fetches.cancel(id) ends a fetch",
  AbortSignal: "nothing runs beside a hook: fetches.cancel(id) ends a fetch",
  Request: "fetch takes a URL and an object { method, headers, body }",
  Headers: "headers are an object, or pairs",
  Response: "onMessage returns a string, or { status, headers, body }",
  FormData: "use URLSearchParams",
  XMLHttpRequest: "use fetch",
  WebSocket: "a plugin opens no sockets",
  process: "this is not Node.js: settings come from config.get(key), of [plugins.config] in roomcast.toml",
  require: "use import; a library has to work without Node.js",
  module: "use export default; this is an ES module",
  Buffer: "this is not Node.js: use Uint8Array, TextEncoder and TextDecoder, btoa and atob",
  URL: "use request.path, request.parameter(name), or URLSearchParams",
  Intl: "the engine has no Intl: format by hand",
  window: "a plugin runs in the server: there is no page",
  document: "a plugin runs in the server: there is no page",
  localStorage: "use keyvalue, or the hooks save and restore",
};

/** A hint to add to a ReferenceError; undefined if there is none. */
export function hint(error) {
  const name = error?.name === "ReferenceError" ? /^'?(\w+)'? is not defined/.exec(error.message)?.[1] : undefined;
  return name !== undefined && Object.hasOwn(HINTS, name) ? HINTS[name] : undefined;
}
