// Commands that fetch, and what is done with what comes.
#include "base64.h"
#include "probe.h"

void on_fetch_response(rc_text token, const rc_fetch_response *response);
void on_fetch_chunk(rc_text token, rc_body chunk);
void on_fetch_end(rc_text token, rc_error outcome);

static rc_text start(arguments *given) {
    rc_text token = text_of(given, "token"), to = optional_text(given, "for"), encoded = optional_text(given, "base64");
    int64_t timeout = rc_json_integer(rc_json_get(given->command, "timeout_ms"), 0);
    rc_connection connection;
    rc_fetch_request request = {
        .url = text_of(given, "url"),
        .method = optional_text(given, "method"),
        .body = repeated_text(given, "body"),
        .timeout_ms = (uint32_t)timeout,
    };
    headers_of(given, &request.headers, &request.header_count);
    if (!rc_is_none(encoded) && !base64_read(encoded, &request.body)) set_problem(given, RC("not base64"));
    if (rc_equal(to, "sender")) {
        request.connection = given->sender;
        if (given->sender == NULL) set_problem(given, RC("there is no sender"));
    } else if (!rc_is_none(to)) {
        if (!rc_connection_parse(to, &connection)) return no_id("connection");
        request.connection = &connection;
    }
    if (has_problem(given)) return RC("");
    rc_fetch fetch;
    rc_error error = rc_fetch_start(request, token, &fetch);
    return error.kind == RC_OK ? ok_number((int64_t)fetch.id) : failed(error);
}

rc_text fetch_call(rc_text op, arguments *given) {
    if (rc_equal(op, "fetch-start")) return start(given);
    if (!rc_equal(op, "fetch-cancel")) return RC_NONE;
    rc_fetch fetch = {number_of(given, "fetch")};
    return ok_bool(!has_problem(given) && rc_fetch_cancel(fetch));
}

// Sends on what has come, if the token says to whom.
static void relay(rc_text token, const char *name, rc_text data) {
    rc_text to = rc_json_text(rc_json_get(rc_json_read(token, NULL), "relay"));
    rc_connection connection;
    if (!rc_connection_parse(to, &connection)) return;
    rc_error error = rc_send(connection, rc_event_named(name, data));
    if (error.kind != RC_OK) note_result(failed(error));
}

static rc_json_writer call_about(const char *hook, rc_text token) {
    rc_json_writer call = call_of(hook);
    rc_json_put(&call, "token", token);
    return call;
}

void on_fetch_response(rc_text token, const rc_fetch_response *response) {
    rc_json_writer call = call_about("on-response", token);
    rc_json_put_number(&call, "status", response->status);
    put_headers(&call, RC("headers"), response->headers, response->header_count);
    note(&call);
}

void on_fetch_chunk(rc_text token, rc_body chunk) {
    const rc_json *wish = rc_json_read(token, NULL), *command = rc_json_get(wish, "on_chunk");
    rc_json_writer call = call_about("on-chunk", token);
    if (rc_json_bool(rc_json_get(wish, "quiet"), false)) rc_json_put_number(&call, "length", (int64_t)chunk.bytes.size);
    else put_body(&call, RC("chunk"), chunk);
    note(&call);
    rc_text text = rc_body_text(chunk);
    if (!rc_is_none(text)) relay(token, "chunk", text);
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

void on_fetch_end(rc_text token, rc_error outcome) {
    rc_text said = result_of(outcome);
    relay(token, "end", said);
    rc_json_writer call = call_about("on-end", token);
    rc_json_put_json(&call, "outcome", said);
    note(&call);
}
