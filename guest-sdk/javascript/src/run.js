// One call of a hook, in a component: from its beginning to what the host is told.
import { presentable } from "./answers.js";
import { endGroups } from "./platform/console.js";
import { drain } from "./platform/promise.js";

/** What there is to say about a promise that has not been settled when its call ends. */
export function unsettled(hook) {
  return `${hook} returned a promise that nothing will settle: a call ends when the hook returns, so it cannot wait for setTimeout or another call: go on in the callback of setTimeout, and do not await it`;
}

/** A call ends when its function returns, so a promise has to be settled by then. */
export function runNow(hook, { work, told, failed, report, ended }) {
  try {
    const outcome = outcomeOf(work());
    runReactions(report);
    return told(outcome(hook));
  } catch (error) {
    runReactions(report);
    return failed(presentable(error));
  } finally {
    endGroups();
    ended();
  }
}

/** All that can run now. What goes wrong in it is nobody's answer. */
function runReactions(report) {
  for (const reason of drain()) report(presentable(reason));
}

/** The value, or what a promise has come to by the time that this is asked. */
function outcomeOf(value) {
  if (typeof value?.then !== "function") return () => value;
  let outcome = (hook) => {
    throw new Error(unsettled(hook));
  };
  value.then(
    (value) => { outcome = () => value; },
    (reason) => { outcome = () => { throw reason; }; },
  );
  return (hook) => outcome(hook);
}
