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
fn nameIn(query: []const u8) ?[]const u8 {
    var parameters = std.mem.splitScalar(u8, query, '&');
    while (parameters.next()) |parameter| {
        if (std.mem.startsWith(u8, parameter, "name=") and parameter.len > 5) return parameter[5..];
    }
    return null;
}

/// True lets the client in; false turns it away with what is in `rejection`.
export fn exports_roomcast_plugin_connect_on_connect(
    connection: *c.exports_roomcast_plugin_connect_connection_id_t,
    request: c.exports_roomcast_plugin_connect_borrow_request_t,
    rejection: *c.exports_roomcast_plugin_connect_rejection_t,
) bool {
    // The request is lent, and has to go back before the call returns. What it gives belongs to the caller.
    defer c.roomcast_plugin_types_request_drop_borrow(request);
    var query: Text = lend("");
    const has_query = c.roomcast_plugin_types_method_request_query(request, &query);
    defer if (has_query) c.hello_string_free(&query);
    const name = nameIn(read(query)) orelse {
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

/// True answers with `reply`; false rejects the message with what is in `rejection`.
export fn exports_roomcast_plugin_message_on_message(
    connection: ?*c.exports_roomcast_plugin_message_connection_id_t,
    request: c.exports_roomcast_plugin_message_borrow_request_t,
    body: *c.hello_list_u8_t,
    reply: *c.exports_roomcast_plugin_message_reply_t,
    rejection: *c.exports_roomcast_plugin_message_rejection_t,
) bool {
    _ = connection;
    defer c.roomcast_plugin_types_request_drop_borrow(request);
    defer c.hello_list_u8_free(body);
    // Bodies are bytes, and an event is text: what is passed on as text has to be UTF-8, or the call traps.
    const text: []const u8 = if (body.len == 0) "" else body.ptr[0..body.len];
    if (!std.unicode.utf8ValidateSlice(text)) {
        rejection.* = .{ .status = 415, .body = give("text only") };
        return false;
    }
    var room = lend("__all");
    var event: c.roomcast_plugin_types_event_t = .{
        .data = lend(text),
        .event = .{ .is_some = true, .val = lend("chat") },
    };
    var receivers: u32 = 0;
    var err: c.roomcast_plugin_types_error_t = undefined;
    checked(c.roomcast_plugin_hub_broadcast(&room, &event, null, &receivers, &err), "the message was refused");
    reply.* = .{ .tag = c.EXPORTS_ROOMCAST_PLUGIN_MESSAGE_REPLY_ANSWER };
    reply.val.answer.status = 202;
    return true;
}
