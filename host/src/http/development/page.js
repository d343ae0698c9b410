// Added by `roomcast dev` to each page: loads it again when its files have changed, and tells which version of the plugin
// serves, and why a build has failed. Not a part of your page, and not there under `roomcast serve`.
(() => {
  const { page, version } = document.currentScript.dataset;
  const shown = { version: Number(version), error: undefined };
  let newest, failure;

  function take(news) {
    if (news.page !== page) return location.reload();
    if (news.version !== shown.version) notice(`version ${news.version} is here`, "#6bd394", 4000);
    if (news.error !== shown.error) {
      failure?.remove();
      failure = news.error && notice(news.error, "#ff8592");
    }
    shown.version = news.version;
    shown.error = news.error;
  }

  // In a shadow tree the page's styles do not reach it. Text is text, whatever is in it.
  function notice(text, color, time) {
    const host = document.createElement("div");
    const box = document.createElement("pre");
    host.style.cssText = "position:fixed;right:1rem;bottom:1rem;z-index:2147483647;max-width:min(44rem,calc(100vw - 2rem))";
    box.style.cssText = `margin:0;padding:.6rem .9rem;max-height:60vh;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;
      font:13px/1.5 ui-monospace,monospace;color:#ececf1;background:#1a1a21;border-left:4px solid ${color};border-radius:6px;
      box-shadow:0 4px 24px #0006`;
    box.setAttribute("role", time ? "status" : "alert");
    box.textContent = text;
    host.attachShadow({ mode: "open" }).append(box);
    document.body.append(host);
    if (time) setTimeout(() => host.remove(), time);
    return host;
  }

  // A browser opens few connections to one server: of all windows one reads the stream, and tells the others.
  const windows = new BroadcastChannel("roomcast-dev");
  windows.onmessage = ({ data }) => (data === "hello" ? newest && windows.postMessage(newest) : take(data));
  windows.postMessage("hello");

  function listen() {
    new EventSource("/.roomcast/dev").onmessage = ({ data }) => {
      newest = JSON.parse(data);
      windows.postMessage(newest);
      take(newest);
    };
    return new Promise(() => {});
  }
  // Browsers have locks on this machine and over https only.
  if (navigator.locks) navigator.locks.request("roomcast-dev", listen).catch(() => {});
  else listen();
})();
