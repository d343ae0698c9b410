//! Greets who connects, by name, and tells everybody what anybody posts. Straight on the contract: `c` is what Zig makes
//! of the C bindings that wit-bindgen makes of ../../wit.
const std = @import("std");
const c = @import("bindings");

const Text = c.hello_string_t;

/// A text that goes to the host. It is lent: the host only reads it.
fn lend(text: []const u8) Text {
    return .{ .ptr = @constCast(text.ptr), .len = text.len };
}

/// A text that goes to the host as a result, or a part of one. The bindings free it, so it is allocated.
fn give(text: []const u8) Text {
    return lend(std.heap.c_allocator.dupe(u8, text) catch @panic("no memory"));
}

fn read(text: Text) []const u8 {
    return if (text.len == 0) "" else text.ptr[0..text.len];
}

fn log(message: []const u8) void {
    var context = lend("hello");
    var text = lend(message);
    c.wasi_logging_logging_log(c.WASI_LOGGING_LOGGING_LEVEL_WARN, &context, &text);
}

/// A panic is told in the log, and ends the instance; streams stay open. (Zig's own handler would take in all of WASI.)
pub const panic = std.debug.FullPanic(struct {
    fn told(message: []const u8, _: ?usize) noreturn {
        log(message);
        @trap();
    }
}.told);

/// What the host refuses is said in the log.
fn checked(done: bool, what: []const u8) void {
    if (!done) log(what);
}

/// `/sse?name=Ada`; percent-encoding is left as it is, to keep this short.
fn nameIn(query: c.hello_option_string_t) ?[]const u8 {
    if (!query.is_some) return null;
    var parameters = std.mem.splitScalar(u8, read(query.val), '&');
    while (parameters.next()) |parameter| {
        if (std.mem.startsWith(u8, parameter, "name=") and parameter.len > 5) return parameter[5..];
    }
    return null;
}

/// True lets the client in; false turns it away with what is in `rejection`.
export fn exports_roomcast_plugin_connect_on_connect(
    connection: *c.exports_roomcast_plugin_connect_connection_id_t,
    request: *c.exports_roomcast_plugin_connect_request_t,
    rejection: *c.exports_roomcast_plugin_connect_rejection_t,
) bool {
    // Arguments belong to the one who is called.
    defer c.exports_roomcast_plugin_connect_connection_id_free(connection);
    defer c.exports_roomcast_plugin_connect_request_free(request);
    const name = nameIn(request.query) orelse {
        rejection.* = .{ .status = 400, .body = give("a name is required: /sse?name=...") };
        return false;
    };
    var memory = std.heap.ArenaAllocator.init(std.heap.c_allocator);
    defer memory.deinit();
    const greeting = std.fmt.allocPrint(memory.allocator(), "hello {s}, from Zig", .{name}) catch @panic("no memory");
    var event: c.roomcast_plugin_types_event_t = .{
        .data = lend(greeting),
        .event = .{ .is_some = true, .val = lend("greeting") },
    };
    var tag = lend(name);
    var err: c.roomcast_plugin_types_error_t = undefined;
    checked(c.roomcast_plugin_hub_set_tag(connection, &tag, &err), "the tag was refused");
    checked(c.roomcast_plugin_hub_send_event(connection, &event, &err), "the greeting was refused");
    return true;
}

/// True answers with `response`; false answers 400 with `reason`.
export fn exports_roomcast_plugin_message_on_message(
    connection: ?*c.exports_roomcast_plugin_message_connection_id_t,
    request: *c.exports_roomcast_plugin_message_request_t,
    body: *c.exports_roomcast_plugin_message_body_t,
    response: *c.exports_roomcast_plugin_message_response_t,
    reason: *Text,
) bool {
    defer if (connection) |id| c.exports_roomcast_plugin_message_connection_id_free(id);
    defer c.exports_roomcast_plugin_message_request_free(request);
    defer c.exports_roomcast_plugin_message_body_free(body);
    if (body.tag != c.ROOMCAST_PLUGIN_TYPES_BODY_TEXT) {
        reason.* = give("text only");
        return false;
    }
    var room = lend("__all");
    var event: c.roomcast_plugin_types_event_t = .{
        .data = body.val.text,
        .event = .{ .is_some = true, .val = lend("chat") },
    };
    var receivers: u32 = 0;
    var err: c.roomcast_plugin_types_error_t = undefined;
    checked(c.roomcast_plugin_hub_broadcast(&room, &event, null, &receivers, &err), "the message was refused");
    response.* = .{ .status = 202 };
    return true;
}
