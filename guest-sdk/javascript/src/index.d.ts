/// <reference path="./globals.d.ts" />
export { Body } from "./body.js";
export { Connection } from "./connection.js";
export type { Event, JsonValue, PublishedEvent } from "./event.js";
export { EventReader } from "./event-reader.js";
export type { FetchFailure, ResponseHead } from "./fetched.js";
export { definePlugin } from "./hooks.js";
export type { DisconnectReason, Origin, Plugin } from "./hooks.js";
export { HostError } from "./host-error.js";
export { Rejection } from "./rejection.js";
export { Request } from "./request.js";
export { PASS } from "./response.js";
export type { Answer, Headers } from "./response.js";
export * as config from "./config.js";
export * as fetches from "./fetches.js";
export * as hub from "./hub.js";
export * as keyvalue from "./keyvalue.js";
export * as log from "./log.js";
export * as timers from "./timers.js";
