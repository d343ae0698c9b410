// The public API: `import { definePlugin, hub } from "roomcast"`.
export { Body } from "./body.js";
export { Connection } from "./connection.js";
export { EventReader } from "./event-reader.js";
export { HostError } from "./host-error.js";
export { definePlugin } from "./hooks.js";
export { Rejection } from "./rejection.js";
export { Request } from "./request.js";
export { PASS } from "./response.js";
export * as config from "./config.js";
export * as fetches from "./fetches.js";
export * as hub from "./hub.js";
export * as keyvalue from "./keyvalue.js";
export * as log from "./log.js";
export * as timers from "./timers.js";
