// Everything that the SDK for C offers, by remote control: a message is a command, and the answer says what came of it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api.h"

RC_HOOKS(on_init, on_connect, on_disconnect, on_join, on_leave, on_publish, on_message, on_timer, on_fetch_response, on_fetch_chunk, on_fetch_end,
         on_save, on_restore)

static char *kept;
static rc_timer timer;
static rc_fetch fetch;
static rc_request kept_request;
static rc_event_reader reader;

rc_answer on_init(void) {
    bool refuse = false;
    RC_TRY(rc_config_switch("refuse", &refuse));
    return refuse ? rc_fail("this plugin was told to refuse") : rc_ok();
}

rc_answer on_connect(rc_connection connection, rc_request request) {
    rc_text way = rc_parameter(request, "way");
    if (rc_equal(way, "unauthorized")) return rc_unauthorized("Bearer", "who are you?");
    if (rc_equal(way, "often")) return rc_too_many_requests(7);
    if (rc_equal(way, "later")) return rc_unavailable(8);
    if (rc_equal(way, "gone")) return rc_with_header(rc_reject(410, "%s", "gone"), "X-Way", "gone");
    if (rc_equal(way, "error")) RC_TRY(rc_join(connection, ""));
    if (rc_equal(way, "accepted")) return rc_accepted();
    if (rc_equal(way, "limit")) RC_TRY(rc_set_tag(connection, rc_format("%2000d", 1)));
    rc_text last = rc_last_event_id(request), query = rc_query(request);
    RC_TRY(rc_send(connection, (rc_event){.data = rc_format("%s %s %s, last %s", rc_method(request).data, rc_path(request).data,
                                              rc_is_none(query) ? "-" : query.data,
                                              rc_is_none(last) ? "none" : last.data),
                                   .event = RC("request"), .id = RC("1"), .retry_ms = 1234}));
    return rc_ok();
}

void on_disconnect(rc_connection connection, rc_disconnect_reason reason) {
    rc_text tag;
    if (!RC_WARN(rc_tag(connection, &tag))) return;
    rc_text told = rc_format("%s %s", rc_is_none(tag) ? "nobody" : tag.data, rc_reason_name(reason));
    RC_WARN(rc_broadcast("watch", rc_event_named("gone", told), NULL));
}

rc_answer on_join(rc_connection connection, rc_text room) {
    if (rc_equal(room, "broken")) RC_TRY(rc_comment(connection, "a\nb"));
    return rc_equal(room, "secret") ? rc_with_header(rc_reject(403, "%s is closed", room.data), "X-Room", room) : rc_ok();
}

void on_leave(rc_connection connection, rc_text room) {
    if (!rc_equal(room, "__all")) RC_WARN(rc_broadcast("watch", rc_event_named("left", room), NULL));
}

rc_verdict on_publish(rc_text room, rc_event event, rc_origin origin) {
    if (rc_equal(event.data, "refuse")) return rc_refuse("not into %s", room.data);
    if (rc_equal(event.data, "forbid")) return rc_refuse_with(rc_reject(403, "%s", "not you"));
    if (rc_equal(event.data, "break")) return rc_refuse_with(rc_fail_with(rc_broadcast("", event, NULL)));
    if (!rc_equal(event.data, "rewrite")) return rc_forward();
    event.data = rc_format("rewritten, %s", origin.is_api && origin.detail.size > 0 ? "from the API" : "from elsewhere");
    return rc_rewrite(event);
}

void on_timer(rc_text token) { RC_WARN(rc_broadcast("watch", rc_event_named("timer", token), NULL)); }

void on_fetch_response(rc_text token, const rc_fetch_response *response) {
    rc_text kind = rc_fetch_header_of(response, "Content-Type");
    rc_text told = rc_format("%s %d %s of %d", token.data, response->status, kind.data, response->header_count > 0);
    RC_WARN(rc_broadcast("watch", rc_event_named("response", told), NULL));
}

void on_fetch_chunk(rc_text token, rc_body chunk) {
    if (rc_is_none(rc_body_text(chunk))) RC_WARN(rc_broadcast("watch", rc_event_named("binary", rc_format("%zu", chunk.bytes.size)), NULL));
    rc_events events = rc_event_reader_feed(&reader, chunk.bytes);
    for (size_t at = 0; at < events.count; at++) RC_WARN(rc_broadcast("watch", events.list[at], NULL));
}

void on_fetch_end(rc_text token, rc_error outcome) {
    rc_text told = rc_format("%s %d %s", token.data, outcome.kind, rc_error_text(outcome).data);
    RC_WARN(rc_broadcast("watch", rc_event_named("end", told), NULL));
    rc_event_reader_free(&reader);
}

rc_answer on_save(rc_text *state) {
    if (kept != NULL && rc_equal(kept, "unsavable")) return rc_fail("it cannot be saved");
    *state = rc_text_of(kept == NULL ? "" : kept);
    return rc_ok();
}

rc_answer on_restore(rc_text state) {
    free(kept);
    kept = rc_keep(state);
    return rc_ok();
}

static rc_answer list_of(rc_texts texts) {
    rc_text all = RC("");
    for (size_t at = 0; at < texts.count; at++) all = rc_format("%s[%s]", all.data, texts.list[at].data);
    return rc_respond(200, all);
}

static rc_answer number(long long value) { return rc_respond(200, rc_format("%lld", value)); }

// Nothing that is not UTF-8 traps, wherever it goes.
static rc_answer bad_utf8(rc_connection connection) {
    const char *bad = "a\xff\xc3 b";
    rc_timer timer;
    RC_TRY(rc_send(connection, (rc_event){.data = rc_text_of(bad), .event = rc_text_of(bad), .id = rc_text_of(bad)}));
    RC_TRY(rc_comment(connection, bad));
    RC_TRY(rc_join(connection, bad));
    RC_TRY(rc_leave(connection, bad));
    RC_TRY(rc_set_tag(connection, bad));
    RC_TRY(rc_after(60000, bad, &timer));
    rc_cancel(timer);
    rc_log(RC_INFO, rc_text_of(bad), rc_text_of(bad));
    return rc_with_header(rc_reject(410, "%s", bad), "X-Bad", bad);
}

static rc_answer all_members(rc_text room) {
    rc_connections all;
    RC_TRY(rc_all_members(room, &all));
    rc_members page = {0};
    size_t paged = 0;
    do {
        RC_TRY(rc_members_of(room, page.has_next ? &page.next : NULL, 1, &page));
        paged += page.count;
    } while (page.has_next);
    return rc_respond(200, rc_format("%zu %zu", all.count, paged));
}

// The time since the last call, by the SDK's clocks and by libc's.
static rc_answer elapsed(void) {
    static long long wall, monotonic, seconds;
    long long was_wall = wall, was_monotonic = monotonic, was_seconds = seconds;
    wall = rc_now(), monotonic = rc_monotonic(), seconds = time(NULL);
    return rc_respond(200, rc_format("%lld %lld %lld", wall - was_wall, monotonic - was_monotonic, seconds - was_seconds));
}

// An error of the host becomes an answer that the client sees.
#define TELL(...)                                                                                    \
    do {                                                                                             \
        rc_error told = (__VA_ARGS__);                                                               \
        if (told.kind != RC_OK) return rc_respond(503, rc_error_text(told));                         \
    } while (0)

rc_answer on_message(const rc_connection *connection, rc_request request, rc_body body) {
    if (rc_is_none(rc_body_text(body))) {
        return rc_with_header(rc_respond_bytes(200, body.bytes), "X-Lossy", rc_body_text_lossy(body));
    }
    // A command, and at most two words.
    const char *words[3] = {"", "", ""};
    char *rest = rc_keep(body.bytes), *all = rest;
    for (int at = 0; at < 3 && rest != NULL; at++) words[at] = strsep(&rest, " ");
    const char *command = words[0];
    const char *one = rc_format("%s", words[1]).data, *two = rc_format("%s", words[2]).data;
    rc_text line = rc_format("%s", command);
    free(all);
    command = line.data;
    uint32_t n = 0;
#define IS(name) (!strcmp(command, name))
    if (IS("texts")) return texts();
    if (IS("events")) return events((size_t)atoi(one));
    if (IS("json")) return json(rc_text_of(one));
    if (IS("fail")) return fail_by(one);
    if (IS("pass")) return rc_pass();
    if (IS("ok")) return rc_ok();
    if (IS("hand-on")) RC_TRY(rc_count("", &n));
    if (IS("body-json")) return rc_respond(200, rc_format("%d", rc_body_json(body, NULL) == NULL));
    if (IS("now")) return number(rc_now());
    if (IS("monotonic")) return number(rc_monotonic());
    if (IS("elapsed")) return elapsed();
    if (IS("all-members")) return all_members(rc_text_of(one));
    if (IS("keep-request")) return kept_request = request, rc_ok();
    if (IS("kept-request")) {
        const rc_header *list;
        size_t count;
        rc_headers_of(kept_request, &list, &count);
        bool none = rc_is_none(rc_query(kept_request)) && rc_is_none(rc_header_of(kept_request, "x-given"));
        return rc_respond(200, rc_format("[%s] %d %zu %s", rc_method(kept_request).data, none, count, rc_method(request).data));
    }
    if (IS("bad-utf8")) return rc_respond(200, "a\xff\xc3 b");
    if (IS("header")) return rc_respond(200, rc_header_of(request, one));
    if (IS("parameters")) {
        const rc_header *list;
        size_t count;
        rc_text all = RC("");
        rc_parameters(request, &list, &count);
        for (size_t at = 0; at < count; at++) all = rc_format("%s[%s=%s]", all.data, list[at].name.data, list[at].value.data);
        return rc_respond(200, all);
    }
    if (IS("integer")) {
        const rc_json *value = rc_json_read(one, NULL);
        return rc_respond(200, rc_format("%lld", (long long)rc_json_integer(value, -7)));
    }
    if (IS("parameter")) return rc_respond(200, rc_parameter(request, one));
    if (IS("config")) {
        rc_text value = RC("default");
        TELL(rc_config(one, &value));
        return rc_respond(200, value);
    }
    if (IS("number")) {
        int64_t value = 7;
        TELL(rc_config_number(one, &value));
        return number(value);
    }
    if (IS("switch")) {
        bool value = false;
        TELL(rc_config_switch(one, &value));
        return number(value);
    }
    if (IS("settings")) {
        size_t count;
        const rc_header *settings;
        TELL(rc_config_all(&settings, &count));
        return number((long long)count);
    }
    if (IS("log")) {
        rc_log_debug("%s and %s", one, two);
        rc_log(RC_WARNING, RC("group"), RC("grouped"));
        return rc_ok();
    }
    if (IS("print")) return printf("%s\n", one), fflush(stdout), rc_ok();
    if (IS("get")) {
        rc_text value;
        TELL(rc_store_get(one, &value));
        return rc_respond(200, rc_is_none(value) ? RC("none") : value);
    }
    if (IS("set")) {
        TELL(rc_store_set(one, two));
        return rc_ok();
    }
    if (IS("delete")) {
        TELL(rc_store_delete(one));
        return rc_ok();
    }
    if (IS("exists")) {
        bool exists;
        TELL(rc_store_exists(one, &exists));
        return number(exists);
    }
    if (IS("three")) { // two of them there
        rc_pair pairs[] = {{rc_text_of(one), rc_text_of(two)}, {rc_text_of(two), RC("")}};
        rc_text keys[] = {rc_text_of(one), RC("nowhere"), rc_text_of(two)};
        TELL(rc_store_set_many(pairs, 2));
        rc_texts values;
        TELL(rc_store_get_many((rc_texts){keys, 3}, &values));
        TELL(rc_store_delete_many((rc_texts){keys, 3}));
        rc_text all = RC("");
        for (size_t at = 0; at < values.count; at++) {
            all = rc_format("%s[%s]", all.data, rc_is_none(values.list[at]) ? "none" : values.list[at].data);
        }
        return rc_respond(200, all);
    }
    if (IS("swap")) { // somebody else is faster, once
        rc_seen seen, forgotten;
        TELL(rc_store_see(one, &forgotten));
        rc_store_forget(&forgotten);
        TELL(rc_store_see(one, &seen));
        rc_text before = seen.value;
        TELL(rc_store_set(one, "meanwhile"));
        bool first, second = false;
        TELL(rc_store_swap(&seen, two, &first));
        rc_text now = seen.value;
        if (!first) TELL(rc_store_swap(&seen, two, &second));
        return rc_respond(200, rc_format("%s %d %s %d", rc_is_none(before) ? "none" : before.data, first, now.data, second));
    }
    if (IS("keys")) {
        rc_texts keys;
        TELL(rc_store_keys(&keys));
        return list_of(keys);
    }
    if (IS("increment")) {
        int64_t sum;
        TELL(rc_store_increment(one, atoll(two), &sum));
        return number(sum);
    }
    if (IS("keep")) {
        free(kept);
        kept = rc_keep(one);
        return rc_ok();
    }
    if (IS("kept")) return rc_respond(200, kept == NULL ? "nothing" : kept);
    if (IS("after")) {
        TELL(rc_after((uint32_t)atoi(one), two, &timer));
        return rc_ok();
    }
    if (IS("every")) {
        TELL(rc_every((uint32_t)atoi(one), two, &timer));
        return rc_ok();
    }
    if (IS("cancel")) return number(rc_cancel(timer));
    if (IS("fetch")) {
        rc_header headers[] = {{RC("X-Asked"), rc_text_of(two)}};
        TELL(rc_fetch_start(((rc_fetch_request){.url = rc_text_of(one), .method = RC("POST"), .headers = headers,
                                  .header_count = 1, .body = body.bytes, .connection = connection, .timeout_ms = 60000}),
                              two, &fetch));
        return rc_ok();
    }
    if (IS("break")) return number(rc_fetch_cancel(fetch));
    if (IS("count")) {
        TELL(rc_count(one, &n));
        return number(n);
    }
    if (IS("members")) {
        rc_members members;
        TELL(rc_members_of(one, NULL, 1, &members));
        return rc_respond(200, rc_format("%zu of %u", members.count, (unsigned)members.total));
    }
    if (IS("broadcast")) {
        TELL(rc_broadcast(one, rc_event_named("told", two), &n));
        return number(n);
    }
    if (connection == NULL) return rc_fail("no such command without a connection: %s", command);
    if (IS("bad-utf8-everywhere")) return bad_utf8(*connection);
    if (IS("except")) {
        TELL(rc_broadcast_except(one, rc_event_named("told", two), *connection, &n));
        return number(n);
    }
    if (IS("many")) {
        rc_text rooms[] = {rc_text_of(one), rc_text_of(two)};
        TELL(rc_broadcast_many((rc_texts){rooms, 2}, rc_event_named("told", "many"), NULL, RC_KEEP_DUPLICATES, &n));
        uint32_t once;
        TELL(rc_broadcast_many((rc_texts){rooms, 2}, rc_event_named("told", "many"), connection, RC_DROP_DUPLICATES, &once));
        return rc_respond(200, rc_format("%u %u", (unsigned)n, (unsigned)once));
    }
    if (IS("send")) {
        TELL(rc_send(*connection, (rc_event){.data = rc_text_of(one), .id = rc_text_of(two)}));
        return rc_ok();
    }
    if (IS("retry")) {
        TELL(rc_send(*connection, (rc_event){.data = rc_text_of(one), .retry_ms = 700}));
        return rc_ok();
    }
    if (IS("comment")) {
        TELL(rc_comment(*connection, one));
        return rc_ok();
    }
    if (IS("join")) {
        TELL(rc_join(*connection, one));
        return rc_ok();
    }
    if (IS("leave")) {
        TELL(rc_leave(*connection, one));
        return rc_ok();
    }
    if (IS("rooms")) {
        rc_texts rooms;
        TELL(rc_rooms(*connection, &rooms));
        return list_of(rooms);
    }
    if (IS("tag")) {
        TELL(rc_set_tag(*connection, one));
        return rc_ok();
    }
    if (IS("untag")) {
        TELL(rc_set_tag(*connection, RC_NONE));
        return rc_ok();
    }
    if (IS("tagged")) {
        rc_text tag;
        TELL(rc_tag(*connection, &tag));
        return rc_respond(200, rc_is_none(tag) ? RC("none") : tag);
    }
    if (IS("open")) return number(rc_is_open(*connection));
    if (IS("close")) {
        TELL(rc_close(*connection));
        TELL(rc_send(*connection, rc_event_named("late", "x")));
        return rc_ok();
    }
    return rc_fail("no such command: %s", command);
}
