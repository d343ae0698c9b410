// Commands that call the hub.
#include "probe.h"

static rc_event event_of(arguments *given) {
    const rc_json *event = rc_json_get(given->command, "event");
    rc_text data = rc_json_text(rc_json_get(event, "data"));
    if (rc_is_none(data)) set_problem(given, RC("no text `event.data`"));
    int64_t retry = rc_json_integer(rc_json_get(event, "retry_ms"), -1);
    return (rc_event){
        .data = data,
        .event = rc_json_text(rc_json_get(event, "event")),
        .id = rc_json_text(rc_json_get(event, "id")),
        .retry_ms = retry < 0 ? 0 : (uint32_t)retry,
    };
}

// The command's connection, or its sender's. False for what is no id.
static bool connection_of(arguments *given, rc_connection *connection) {
    rc_text id = optional_text(given, "connection");
    if (!rc_is_none(id)) return rc_connection_parse(id, connection);
    if (given->sender == NULL) set_problem(given, RC("no `connection`"));
    else *connection = *given->sender;
    return true;
}

static rc_text about_connection(rc_text op, arguments *given) {
    rc_connection connection = {0};
    bool is_id = connection_of(given, &connection);
    if (rc_equal(op, "send-event")) {
        rc_event event = event_of(given);
        if (has_problem(given)) return RC("");
        return is_id ? result_of(rc_send(connection, event)) : no_id("connection");
    }
    if (rc_equal(op, "is-open")) return ok_bool(!has_problem(given) && is_id && rc_is_open(connection));
    bool needs_room = rc_equal(op, "join") || rc_equal(op, "leave");
    rc_text room = needs_room ? text_of(given, "room") : RC_NONE;
    rc_text text = rc_equal(op, "send-comment") ? text_of(given, "text") : RC_NONE;
    if (has_problem(given)) return RC("");
    if (!is_id) return no_id("connection");
    if (rc_equal(op, "send-comment")) return result_of(rc_comment(connection, text));
    if (rc_equal(op, "close")) return result_of(rc_close(connection));
    if (rc_equal(op, "join")) return result_of(rc_join(connection, room));
    if (rc_equal(op, "leave")) return result_of(rc_leave(connection, room));
    if (rc_equal(op, "set-tag")) return result_of(rc_set_tag(connection, optional_text(given, "tag")));
    if (rc_equal(op, "tag")) {
        rc_text tag = RC_NONE;
        rc_error error = rc_tag(connection, &tag);
        return done_if(error, ok_text(tag));
    }
    rc_texts rooms = {0};
    rc_error error = rc_rooms(connection, &rooms);
    return done_if(error, ok_texts(rooms));
}

// None or one connection to leave out. False for what is no id.
static bool except_of(const arguments *given, rc_connection *id, const rc_connection **except) {
    rc_text text = optional_text(given, "except");
    *except = rc_is_none(text) ? NULL : id;
    return rc_is_none(text) || rc_connection_parse(text, id);
}

static rc_text broadcast(rc_text op, arguments *given) {
    rc_event event = event_of(given);
    rc_connection id;
    const rc_connection *except;
    bool is_id = except_of(given, &id, &except);
    uint32_t receivers = 0;
    rc_error error;
    if (rc_equal(op, "broadcast")) {
        rc_text room = text_of(given, "room");
        if (has_problem(given)) return RC("");
        if (!is_id) return no_id("except");
        error = except == NULL ? rc_broadcast(room, event, &receivers) : rc_broadcast_except(room, event, *except, &receivers);
    } else {
        rc_texts rooms = texts_of(given, "rooms");
        rc_text name = optional_text(given, "duplicates");
        bool keep = rc_equal(name, "keep");
        if (!keep && !rc_is_none(name) && !rc_equal(name, "drop")) set_problem(given, rc_format("no duplicates %s", name.data));
        if (has_problem(given)) return RC("");
        if (!is_id) return no_id("except");
        error = rc_broadcast_many(rooms, event, except, keep ? RC_KEEP_DUPLICATES : RC_DROP_DUPLICATES, &receivers);
    }
    return done_if(error, ok_number(receivers));
}

static rc_text members(arguments *given) {
    rc_text room = text_of(given, "room");
    uint32_t limit = number_of(given, "limit");
    int64_t at = rc_json_integer(rc_json_get(given->command, "at"), -1);
    rc_cursor cursor = {(uint64_t)at};
    if (has_problem(given)) return RC("");
    rc_members page;
    rc_error error = rc_members_of(room, at < 0 ? NULL : &cursor, limit, &page);
    if (error.kind != RC_OK) return failed(error);
    rc_json_writer json = {0};
    rc_json_begin_object(&json, RC_NONE);
    rc_json_begin_array(&json, "members");
    for (size_t at = 0; at < page.count; at++) rc_json_put(&json, RC_NONE, rc_connection_text(page.list[at]));
    rc_json_end_array(&json);
    rc_json_put_number(&json, "total", page.total);
    if (page.has_next) rc_json_put_number(&json, "next", (int64_t)page.next.place);
    else rc_json_put(&json, "next", RC_NONE);
    rc_json_end_object(&json);
    return ok_json(rc_json_done(&json));
}

rc_text hub_call(rc_text op, arguments *given) {
    static const char *const connections[] = {
        "send-event", "send-comment", "close", "is-open", "join", "leave", "rooms-of", "tag", "set-tag"};
    for (size_t at = 0; at < sizeof connections / sizeof *connections; at++) {
        if (rc_equal(op, connections[at])) return about_connection(op, given);
    }
    if (rc_equal(op, "broadcast") || rc_equal(op, "broadcast-many")) return broadcast(op, given);
    if (rc_equal(op, "members")) return members(given);
    if (!rc_equal(op, "count")) return RC_NONE;
    rc_text room = text_of(given, "room");
    if (has_problem(given)) return RC("");
    uint32_t count = 0;
    rc_error error = rc_count(room, &count);
    return done_if(error, ok_number(count));
}
