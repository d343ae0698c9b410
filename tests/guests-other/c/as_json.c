// The contract's types as JSON. Names are those of the contract, with `_` in fields; bytes are base64.
#include "base64.h"
#include "probe.h"

static rc_json_writer ok(void) {
    rc_json_writer json = {0};
    rc_json_begin_object(&json, RC_NONE);
    return json;
}

static rc_text end(rc_json_writer *json) {
    rc_json_end_object(json);
    return rc_json_done(json);
}

rc_text ok_null(void) { return RC("{\"ok\":null}"); }

rc_text ok_number(int64_t number) {
    rc_json_writer json = ok();
    rc_json_put_number(&json, "ok", number);
    return end(&json);
}

rc_text ok_bool(bool value) { return value ? RC("{\"ok\":true}") : RC("{\"ok\":false}"); }

rc_text ok_text(rc_text text) {
    rc_json_writer json = ok();
    rc_json_put(&json, "ok", text);
    return end(&json);
}

rc_text ok_texts(rc_texts texts) {
    rc_json_writer json = ok();
    rc_json_begin_array(&json, "ok");
    for (size_t at = 0; at < texts.count; at++) rc_json_put(&json, RC_NONE, texts.list[at]);
    rc_json_end_array(&json);
    return end(&json);
}

rc_text ok_json(rc_text text) {
    rc_json_writer json = ok();
    rc_json_put_json(&json, "ok", text);
    return end(&json);
}

rc_text ok_journal(void) {
    rc_json_writer json = ok();
    put_journal(&json, RC("ok"));
    return end(&json);
}

// The contract's name of an error's kind, and what it calls the subject.
static const char *kind_of(rc_error_kind kind, const char **subject) {
    switch (kind) {
    case RC_OK: return NULL;
    case RC_NO_SUCH_CONNECTION: return "no-such-connection";
    case RC_CLOSED: return "closed";
    case RC_INVALID_ARGUMENT: return *subject = "argument", "invalid-argument";
    case RC_LIMIT_EXCEEDED: return *subject = "key", "limit-exceeded";
    case RC_NOT_PERMITTED: return *subject = "capability", "not-permitted";
    case RC_DENIED: return "denied";
    case RC_UNREACHABLE: return "unreachable";
    case RC_BROKEN: return "broken";
    case RC_CONNECTION_CLOSED: return "connection-closed";
    case RC_INTERRUPTED: return "interrupted";
    case RC_STORE:
    case RC_CONFIG:
    case RC_OTHER: return "other";
    }
    return "unknown";
}

rc_text failed(rc_error error) {
    const char *subject = NULL, *kind = kind_of(error.kind, &subject);
    rc_json_writer json = ok();
    rc_json_begin_object(&json, "error");
    rc_json_put(&json, "kind", kind);
    if (subject != NULL) rc_json_put(&json, subject, error.subject);
    if (!rc_is_none(error.reason)) rc_json_put(&json, "reason", error.reason);
    rc_json_end_object(&json);
    return end(&json);
}

rc_text no_id(const char *argument) {
    return failed((rc_error){RC_INVALID_ARGUMENT, rc_text_of(argument), RC("is not the id of a connection")});
}

rc_text result_of(rc_error error) { return done_if(error, ok_null()); }

void put_value(rc_json_writer *json, rc_text key, const rc_json *value) {
    switch (rc_json_kind_of(value)) {
    case RC_JSON_MISSING:
    case RC_JSON_NULL: rc_json_put(json, key, RC_NONE); break;
    case RC_JSON_BOOL: rc_json_put_bool(json, key, rc_json_bool(value, false)); break;
    case RC_JSON_NUMBER: rc_json_put_number(json, key, rc_json_integer(value, 0)); break; // a journal has no others
    case RC_JSON_TEXT: rc_json_put(json, key, rc_json_text(value)); break;
    case RC_JSON_ARRAY:
        rc_json_begin_array(json, key);
        for (const rc_json *one = rc_json_first(value); one != NULL; one = rc_json_next(one)) put_value(json, RC_NONE, one);
        rc_json_end_array(json);
        break;
    case RC_JSON_OBJECT:
        rc_json_begin_object(json, key);
        for (const rc_json *one = rc_json_first(value); one != NULL; one = rc_json_next(one)) {
            put_value(json, rc_json_key(one), one);
        }
        rc_json_end_object(json);
        break;
    }
}

void put_event(rc_json_writer *json, rc_text key, rc_event event) {
    rc_json_begin_object(json, key);
    rc_json_put(json, "data", event.data);
    rc_json_put(json, "event", event.event);
    rc_json_put(json, "id", event.id);
    if (event.retry_ms == 0) rc_json_put(json, "retry_ms", RC_NONE);
    else rc_json_put_number(json, "retry_ms", event.retry_ms);
    rc_json_end_object(json);
}

void put_headers(rc_json_writer *json, rc_text key, const rc_header *headers, size_t count) {
    rc_json_begin_array(json, key);
    for (size_t at = 0; at < count; at++) {
        rc_json_begin_array(json, RC_NONE);
        rc_json_put(json, RC_NONE, headers[at].name);
        rc_json_put(json, RC_NONE, headers[at].value);
        rc_json_end_array(json);
    }
    rc_json_end_array(json);
}

void put_request(rc_json_writer *json, rc_text key, rc_request request) {
    rc_json_begin_object(json, key);
    rc_json_put(json, "method", rc_method(request));
    rc_json_put(json, "path", rc_path(request));
    rc_json_put(json, "query", rc_query(request));
    const rc_header *headers;
    size_t count;
    rc_headers_of(request, &headers, &count);
    put_headers(json, RC("headers"), headers, count);
    rc_json_put(json, "peer", rc_peer(request));
    rc_json_put(json, "last_event_id", rc_last_event_id(request));
    rc_json_end_object(json);
}

void put_body(rc_json_writer *json, rc_text key, rc_body body) {
    rc_json_begin_object(json, key);
    rc_text text = rc_body_text(body);
    if (!rc_is_none(text)) rc_json_put(json, "text", text);
    else rc_json_put(json, "base64", base64_of(body.bytes));
    rc_json_end_object(json);
}
