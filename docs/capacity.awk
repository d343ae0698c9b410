# What follows from the tables of inputs in capacity.md: awk -f docs/capacity.awk docs/capacity.md
# An input is a row `| name | number | ...`, the name in backquotes.

BEGIN { FS = " *[|] *" }

$2 ~ /^`[a-z_]+`$/ && $3 ~ /^[0-9.]+$/ { name = $2; gsub(/`/, "", name); of[name] = $3 }

function row(what, how, value) { printf "| %s | %s | %s |\n", what, how, value }

# With a thousands separator.
function group(value,    text, out) {
    text = sprintf("%d", value + 0.5)
    while (length(text) > 3) { out = "," substr(text, length(text) - 2) out; text = substr(text, 1, length(text) - 3) }
    return text out
}
function gib(bytes) { return sprintf("%.1f GiB", bytes / 1073741824) }
function seconds(value) { return sprintf(value < 10 ? "%.1f s" : "%.0f s", value) }

END {
    G = 1073741824; free = (of["memory"] - of["memory_kept"]) * G; cores = of["cores"] - of["cores_kept"]; N = of["files"]
    print "| | from | result |"
    print "|---|---|---|"
    row("streams that fit into memory", "(`memory` - `memory_kept`) / (`user` + `kernel`)", group(free / (of["user"] + of["kernel"])))
    row("streams that may be open files", "`files`", group(N))
    row("memory of this many streams", "`files` x (`user` + `kernel`)", gib(N * (of["user"] + of["kernel"])))
    row("cores for their keepalives", "`files` / `keepalive` x `one`", sprintf("%.2f", N / of["keepalive"] * of["one"] / 1e6))
    row("link for their keepalives", "`files` / `keepalive` x (`overhead` + 13 bytes)", sprintf("%.0f Mbit/s", N / of["keepalive"] * (of["overhead"] + 13) * 8 / 1e6))
    row("deliveries a second by the cores, one event at a time", "(`cores` - `cores_kept`) / `one`", group(cores / of["one"] * 1e6))
    row("the same by the link", "`link` / (`frame` + `overhead`)", group(of["link"] * 1e9 / 8 / (of["frame"] + of["overhead"])))
    row("deliveries a second by the cores, 16 in flight", "(`cores` - `cores_kept`) / `joined`", group(cores / of["joined"] * 1e6))
    row("the same by the link", "`link` / (`frame` + 2 x `overhead` / 16)", group(of["link"] * 1e9 / 8 / (of["frame"] + 2 * of["overhead"] / 16)))
    row("one event to all streams", "`files` x `one` / (`cores` - `cores_kept`)", seconds(N * of["one"] / 1e6 / cores))
    row("kernel memory while it is in flight to all", "`files` x `page`", gib(N * of["page"]))
    row("new streams a second by the cores", "(`cores` - `cores_kept`) / `connect`", group(cores / of["connect"] * 1e6))
    row("the same by one instance of the plugin", "1 / `hook`", group(1e6 / of["hook"]))
    row("all of them reconnect, by the cores", "`files` x `connect` / (`cores` - `cores_kept`)", seconds(N * of["connect"] / 1e6 / cores))
    row("the same by one instance of the plugin", "`files` x `hook`", seconds(N * of["hook"] / 1e6))
    row("readers that stall at the same moment", "`memory_kept` / 2 / (`stalled` + `outbox`)", group(of["memory_kept"] / 2 * G / (of["stalled"] + of["outbox"])))
    row("addresses of a proxy in front, with its ports as they are", "`files` / `ports`", sprintf("%d", int((N + of["ports"] - 1) / of["ports"])))
    row("the same with `ip_local_port_range = 1024 65535`", "`files` / 64512", sprintf("%d", int((N + 64511) / 64512)))
}
