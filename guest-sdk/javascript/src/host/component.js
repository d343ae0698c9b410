// The host's functions inside a component: its imports. The build leaves out imports that are not called.
import * as fetches from "roomcast:plugin/fetch@0.1.0";
import * as hub from "roomcast:plugin/hub@0.1.0";
import * as timers from "roomcast:plugin/timers@0.1.0";
import { getRandomBytes } from "wasi:random/random@0.2.12";
import { fromU64, toU64 } from "./u64.js";

/** The engine treats u32 as signed, so larger numbers are clamped to 2,147,483,647 (componentize-qjs 0.4.5). */
export const passed = (number) => number | 0;

export { broadcast, broadcastMany, close, count, isOpen, join, leave, roomsOf, sendComment, sendEvent, setTag, tag } from "roomcast:plugin/hub@0.1.0";
export { log } from "wasi:logging/logging@0.1.0-draft";
export { get as config, getAll as configAll } from "wasi:config/store@0.2.0-rc.1";
export { exit } from "wasi:cli/exit@0.2.12";

export const startFetch = (request, token) => fromU64(fetches.start(request, token));
export const cancelFetch = (id) => fetches.cancel(toU64(id));
export const setTimer = (delay, repetition, token) => fromU64(timers.set(delay, repetition, token));
export const cancelTimer = (id) => timers.cancel(toU64(id));
export const randomBytes = (length) => getRandomBytes(toU64(length));

export function members(room, at, limit) {
  const page = hub.members(room, at === undefined ? undefined : toU64(at), limit);
  return { ...page, next: page.next ? fromU64(page.next) : undefined };
}
