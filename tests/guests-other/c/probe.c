// The remote control of ../../guests/probe, by way of the SDK for C: every hook is exported and written down, every function of
// the host can be called by a command, and answers come in the shapes that the probe in Rust gives them.
#include <stdlib.h>
#include <string.h>

#include "probe.h"

RC_HOOKS(on_init, on_connect, on_disconnect, on_join, on_leave, on_publish, on_message, on_timer, on_fetch_response,
         on_fetch_chunk, on_fetch_end, on_save, on_restore)

// Fail with a text that the operator has set.
static rc_answer obey(const char *setting) {
    rc_text text = RC_NONE;
    RC_TRY(rc_config(setting, &text));
    return rc_is_none(text) ? rc_ok() : rc_fail("%s", text.data);
}

bool is_for_another(rc_text to) {
    rc_text name = RC_NONE;
    return RC_WARN(rc_config("name", &name)) && !rc_is_none(name) && !rc_is_none(to) && !rc_equal(to, name);
}

rc_answer on_init(void) {
    rc_json_writer call = call_of("init");
    note(&call);
    return obey("init_error");
}

rc_answer on_connect(rc_connection connection, rc_request request) {
    rc_json_writer call = call_of("on-connect");
    rc_json_put(&call, "connection", rc_connection_text(connection));
    put_request(&call, RC("request"), request);
    note(&call);
    return obey_query(connection, request);
}

// What can still be done with the connection is written down too.
void on_disconnect(rc_connection connection, rc_disconnect_reason reason) {
    rc_json_writer call = call_of("on-disconnect");
    rc_json_put(&call, "connection", rc_connection_text(connection));
    rc_json_put(&call, "reason", rc_reason_name(reason));
    rc_json_put_bool(&call, "is-open", rc_is_open(connection));
    rc_text tag = RC_NONE;
    rc_error error = rc_tag(connection, &tag);
    rc_json_put_json(&call, "tag", done_if(error, ok_text(tag)));
    rc_texts rooms = {0};
    error = rc_rooms(connection, &rooms);
    rc_json_put_json(&call, "rooms", done_if(error, ok_texts(rooms)));
    rc_json_put_json(&call, "send", result_of(rc_send(connection, (rc_event){.data = RC("late")})));
    note(&call);
}

// The refusal of what has to do with a room, with the status that its name ends with.
static rc_answer refusal(rc_text room, const char *why) {
    const char *status = strrchr(room.data, ':');
    rc_answer answer = rc_reject((uint16_t)(status == NULL ? 403 : atoi(status + 1)), "%s %s", room.data, why);
    return rc_with_header(answer, "x-room", room);
}

static void note_room(const char *hook, rc_connection connection, rc_text room) {
    rc_json_writer call = call_of(hook);
    rc_json_put(&call, "connection", rc_connection_text(connection));
    rc_json_put(&call, "room", room);
    note(&call);
}

rc_answer on_join(rc_connection connection, rc_text room) {
    note_room("on-join", connection, room);
    return rc_starts_with(room, "private") ? refusal(room, "is private") : rc_ok();
}

void on_leave(rc_connection connection, rc_text room) { note_room("on-leave", connection, room); }

rc_verdict on_publish(rc_text room, rc_event event, rc_origin origin) {
    rc_json_writer call = call_of("on-publish");
    rc_json_put(&call, "room", room);
    put_event(&call, RC("event"), event);
    rc_json_begin_object(&call, "origin");
    rc_json_put(&call, origin.is_api ? "api" : "other", origin.detail);
    rc_json_end_object(&call);
    note(&call);
    if (rc_starts_with(room, "refused")) return rc_refuse_with(refusal(room, "takes no events"));
    if (!rc_starts_with(room, "rewritten")) return rc_forward();
    // Letters of ASCII: C knows no others.
    char *capitals = rc_allocate(event.data.size + 1);
    for (size_t at = 0; at < event.data.size; at++) {
        char c = event.data.data[at];
        capitals[at] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    event.data.data = capitals;
    return rc_rewrite(event);
}

static rc_answer answer(rc_text json) {
    return rc_with_header(rc_respond(200, json), "content-type", "application/json");
}

rc_answer on_message(const rc_connection *connection, rc_request request, rc_body body) {
    rc_json_writer call = call_of("on-message");
    rc_json_put(&call, "connection", connection == NULL ? RC_NONE : rc_connection_text(*connection));
    put_request(&call, RC("request"), request);
    put_body(&call, RC("body"), body);
    note(&call);
    if (rc_equal(rc_query(request), "echo")) return rc_respond_bytes(200, body.bytes);
    rc_text problem;
    const rc_json *command = rc_body_json(body, &problem);
    if (command == NULL) return rc_fail("a command is JSON: %s", problem.data);
    if (is_for_another(rc_json_text(rc_json_get(command, "to")))) return rc_pass();
    rc_text op = rc_json_text(rc_json_get(command, "op"));
    if (rc_equal(op, "fail")) {
        rc_text text = rc_json_text(rc_json_get(command, "text"));
        return rc_fail("%s", rc_is_none(text) ? "" : text.data);
    }
    if (rc_equal(op, "reject")) return reject(command);
    if (rc_equal(op, "pass")) return rc_pass();
    if (rc_equal(op, "respond")) return respond(command);
    if (rc_equal(op, "echo-request")) {
        rc_json_writer echo = {0};
        put_request(&echo, RC_NONE, request);
        return answer(ok_json(rc_json_done(&echo)));
    }
    rc_text result;
    return run(command, connection, &result) ? answer(result) : rc_fail("%s", result.data);
}

void on_timer(rc_text token) {
    rc_json_writer call = call_of("on-timer");
    rc_json_put(&call, "token", token);
    note(&call);
    const rc_json *command = rc_json_read(token, NULL);
    if (rc_json_kind_of(command) != RC_JSON_OBJECT) return;
    rc_text result;
    if (run(command, NULL, &result)) {
        note_result(result);
    } else {
        rc_json_writer problem = {0};
        rc_json_put(&problem, RC_NONE, result);
        note_result(rc_json_done(&problem));
    }
}

rc_answer on_save(rc_text *state) {
    rc_answer told = obey("save_error");
    if (told.kind != RC_ANSWER_OK) return told;
    rc_json_writer call = call_of("save");
    note(&call);
    rc_json_writer all = {0};
    put_journal(&all, RC_NONE);
    *state = rc_json_done(&all);
    return rc_ok();
}

rc_answer on_restore(rc_text state) {
    rc_answer told = obey("restore_error");
    if (told.kind != RC_ANSWER_OK) return told;
    if (!restore_journal(state)) return rc_fail("not a journal");
    rc_json_writer call = call_of("restore");
    note(&call);
    return rc_ok();
}
