// The source of `0.1.0.wasm`: every hook of `roomcast:plugin@0.1.0`, and every function of `hub`, `timers`, `fetch` and of the
// resource `request`. A message is a word, and the answer tells what came of the calls that it stands for.
#include <roomcast.h>
#include <stdio.h>
#include <stdlib.h>

RC_HOOKS(on_init, on_connect, on_disconnect, on_join, on_leave, on_publish, on_message, on_timer, on_fetch_response,
         on_fetch_chunk, on_fetch_end, on_save, on_restore)

// What is told to all who are in the room `frozen`.
static void tell(const char *event, rc_text data) {
    uint32_t receivers;
    RC_WARN(rc_broadcast("frozen", rc_event_named(RC_TEXT(event), data), &receivers));
}

// What is saved: how many messages came, to this instance and to those before it.
static uint32_t messages;

rc_answer on_init(void) { return rc_ok(); }

rc_answer on_connect(rc_connection connection, rc_request request) {
    rc_text name = rc_parameter(request, RC("name"));
    if (rc_is_none(name)) return rc_reject(401, "a name is needed");
    RC_TRY(rc_set_tag(connection, name));
    RC_TRY(rc_join(connection, "frozen"));
    RC_TRY(rc_send(connection, rc_event_named(RC("hello"), name)));
    return rc_ok();
}

void on_disconnect(rc_connection connection, rc_disconnect_reason reason) {
    rc_text tag = RC_NONE;
    RC_WARN(rc_tag(connection, &tag));
    tell("gone", rc_format("%s: %s", tag.data, rc_reason_name(reason)));
}

rc_answer on_join(rc_connection connection, rc_text room) {
    return rc_equal(room, "private") ? rc_reject(403, "%s is private", room.data) : rc_ok();
}

void on_leave(rc_connection connection, rc_text room) { tell("left", room); }

rc_verdict on_publish(rc_text room, rc_event event, rc_origin origin) {
    if (rc_equal(room, "refused")) return rc_refuse("%s takes no events", room.data);
    if (!rc_equal(room, "rewritten")) return rc_forward();
    event.data = rc_format("%s, by %s", event.data.data, origin.is_api ? "api" : "other");
    event.retry_ms = 5000;
    return rc_rewrite(event);
}

static rc_answer hub(rc_connection me) {
    uint32_t joined, all, others, many;
    rc_members page;
    rc_texts rooms;
    rc_text list[] = {RC("a"), RC("b")};
    RC_TRY(rc_join(me, "a"));
    RC_TRY(rc_join(me, "b"));
    RC_TRY(rc_count(RC("a"), &joined));
    RC_TRY(rc_members_of(RC("a"), NULL, 1, &page));
    RC_TRY(rc_rooms(me, &rooms));
    RC_TRY(rc_broadcast("a", (rc_event){.data = RC("to a"), .id = RC("7")}, &all));
    RC_TRY(rc_broadcast_except(RC("a"), (rc_event){.data = RC("to others")}, me, &others));
    RC_TRY(rc_broadcast_many((rc_texts){list, 2}, (rc_event){.data = RC("to both")}, NULL, RC_DROP_DUPLICATES, &many));
    RC_TRY(rc_comment(me, "a comment"));
    RC_TRY(rc_leave(me, "b"));
    rc_error wrong = rc_join(me, "");
    return rc_respond(200, rc_format("%u in a, %u of %u on the page, in %u rooms, to %u, %u and %u, open %d, error %d", joined,
                                     (unsigned)page.count, page.total, (unsigned)rooms.count, all, others, many, rc_is_open(me),
                                     wrong.kind == RC_INVALID_ARGUMENT));
}

static rc_answer timers(void) {
    rc_timer once, never;
    RC_TRY(rc_after(1, RC("once"), &once));
    RC_TRY(rc_every(60000, RC("never"), &never));
    bool first = rc_cancel(never), second = rc_cancel(never);
    return rc_respond(200, rc_format("cancelled %d, again %d", first, second));
}

static rc_answer fetch(const rc_connection *me, const char *url) {
    rc_fetch_request request = {.url = rc_text_of(url), .connection = me};
    rc_fetch first, second;
    rc_error error = rc_fetch_start(request, "f", &first);
    if (error.kind == RC_NOT_PERMITTED) return rc_respond(200, rc_format("not permitted: %s", error.subject.data));
    RC_TRY(error);
    request.url = rc_format("%s/cancelled", url);
    RC_TRY(rc_fetch_start(request, "g", &second));
    return rc_respond(200, rc_format("cancelled %d", rc_fetch_cancel(second)));
}

static rc_answer described(rc_request request, rc_body body) {
    const rc_header *headers;
    size_t count;
    rc_headers_of(request, &headers, &count);
    rc_text id = rc_last_event_id(request), header = rc_header_of(request, RC("x-frozen"));
    return rc_respond(200, rc_format("%s %s?%s from %s, x-frozen %s of some %d, last %s, %u bytes", rc_method(request).data,
                                     rc_path(request).data, rc_query(request).data, rc_peer(request).data, header.data,
                                     count > 1, rc_is_none(id) ? "none" : id.data, (unsigned)body.bytes.size));
}

rc_answer on_message(const rc_connection *connection, rc_request request, rc_body body) {
    messages++;
    rc_text word = rc_body_text(body);
    if (rc_equal(word, "request")) return rc_with_header(described(request, body), "x-frozen", "0.1.0");
    if (rc_equal(word, "timers")) return timers();
    if (rc_equal(word, "messages")) return rc_respond(200, rc_format("%u", messages));
    if (rc_equal(word, "reject")) return rc_reject(418, "no");
    if (connection == NULL) return rc_pass();
    if (rc_equal(word, "hub")) return hub(*connection);
    if (rc_starts_with(word, "fetch ")) return fetch(connection, word.data + 6);
    if (!rc_equal(word, "close")) return rc_pass();
    RC_TRY(rc_close(*connection));
    return rc_accepted();
}

void on_timer(rc_text token) { tell("timer", token); }

void on_fetch_response(rc_text token, const rc_fetch_response *response) {
    tell("response", rc_format("%s: %u", token.data, response->status));
}

void on_fetch_chunk(rc_text token, rc_body chunk) { tell("chunk", chunk.bytes); }

void on_fetch_end(rc_text token, rc_error outcome) { tell("end", rc_format("%s: %d", token.data, outcome.kind == RC_OK)); }

rc_answer on_save(rc_text *state) {
    *state = rc_format("%u", messages);
    return rc_ok();
}

rc_answer on_restore(rc_text state) {
    messages = (uint32_t)strtoul(state.data, NULL, 10);
    return rc_ok();
}
