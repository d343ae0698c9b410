// Whether there is a host. Code outside the hooks runs once, when the plugin is built; every instance starts from the
// memory that it leaves.
let started = false;

export const isStarted = () => started;

export function start() {
  started = true;
}
