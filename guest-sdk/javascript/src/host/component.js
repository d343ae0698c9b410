// The host's functions inside a component: its imports. The build leaves out imports that are not called.

/** The engine treats u32 as signed, so larger numbers are clamped to 2,147,483,647 (componentize-qjs 0.4.5). */
export const passed = (number) => number | 0;

export {
  broadcast,
  broadcastMany,
  close,
  count,
  isOpen,
  join,
  leave,
  members,
  roomsOf,
  sendComment,
  sendEvent,
  setTag,
  tag,
} from "roomcast:plugin/hub@0.1.0";
export { start as startFetch, cancel as cancelFetch } from "roomcast:plugin/fetch@0.1.0";
export { set as setTimer, cancel as cancelTimer } from "roomcast:plugin/timers@0.1.0";
export { log } from "wasi:logging/logging@0.1.0-draft";
export { get as config, getAll as configAll } from "wasi:config/store@0.2.0-rc.1";
export { getRandomBytes as randomBytes } from "wasi:random/random@0.2.12";
export { exit } from "wasi:cli/exit@0.2.12";
