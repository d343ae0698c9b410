// Whether there is a host. The code outside of the hooks runs once, when the plugin is built, and what it leaves in
// memory is what every instance starts from.
let started = false;

export const isStarted = () => started;

export function start() {
  started = true;
}
