// Everything that the SDK for C offers, by remote control: a message is a command, and the answer says what came of it.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <roomcast.h>

RC_HOOKS(on_init, on_connect, on_disconnect, on_join, on_leave, on_publish, on_message, on_timer, on_fetch_response, on_fetch_chunk, on_fetch_end,
         on_save, on_restore)

static char *kept;
static rc_timer timer;
static rc_fetch fetch;
static rc_event_reader reader;

rc_answer on_init(void) {
    bool refuse = false;
    RC_TRY(rc_config_switch("refuse", &refuse));
    return refuse ? rc_fail("this plugin was told to refuse") : rc_ok();
}

rc_answer on_connect(rc_connection connection, const rc_request *request) {
    rc_text way = rc_parameter(request, "way");
    if (rc_equal(way, "unauthorized")) return rc_unauthorized("Bearer", "who are you?");
    if (rc_equal(way, "often")) return rc_too_many_requests(7);
    if (rc_equal(way, "later")) return rc_unavailable(8);
    if (rc_equal(way, "gone")) return rc_with_header(rc_reject(410, "%s", "gone"), "X-Way", "gone");
    if (rc_equal(way, "error")) RC_TRY(rc_join(connection, ""));
    if (rc_equal(way, "accepted")) return rc_accepted();
    rc_text last = request->last_event_id;
    RC_TRY(rc_send(connection, (rc_event){.data = rc_format("%s %s %s, last %s", request->method.data, request->path.data,
                                              rc_is_none(request->query) ? "-" : request->query.data,
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
    return rc_equal(room, "secret") ? rc_fail("%s is closed", room.data) : rc_ok();
}

void on_leave(rc_connection connection, rc_text room) {
    if (!rc_equal(room, "__all")) RC_WARN(rc_broadcast("watch", rc_event_named("left", room), NULL));
}

rc_verdict on_publish(rc_text room, rc_event event, rc_origin origin) {
    if (rc_equal(event.data, "refuse")) return rc_refuse("not into %s", room.data);
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
    if (!chunk.is_text) RC_WARN(rc_broadcast("watch", rc_event_named("binary", rc_format("%zu", chunk.bytes.size)), NULL));
    rc_events events = rc_event_reader_feed(&reader, chunk.bytes);
    for (size_t at = 0; at < events.count; at++) RC_WARN(rc_broadcast("watch", events.list[at], NULL));
}

void on_fetch_end(rc_text token, rc_error outcome) {
    rc_text told = rc_format("%s %d %s", token.data, outcome.kind, rc_error_text(outcome).data);
    RC_WARN(rc_broadcast("watch", rc_event_named("end", told), NULL));
    rc_event_reader_free(&reader);
}

rc_text on_save(void) { return rc_text_of(kept == NULL ? "" : kept); }

rc_answer on_restore(rc_text state) {
    free(kept);
    kept = rc_keep(state);
    return rc_ok();
}

#define EXPECT(condition) \
    if (!(condition)) return rc_fail("line %d: %s", __LINE__, #condition)

static rc_answer texts(void) {
    EXPECT(rc_equal(rc_trim("\t\u3000 a b \u00a0\n"), "a b") && rc_equal(rc_trim(" "), "") && rc_equal(rc_trim(""), ""));
    EXPECT(!rc_equal(RC_NONE, "") && rc_equal(RC_NONE, RC_NONE) && rc_starts_with("__all", "__"));
    EXPECT(rc_compare("a", "b") < 0 && rc_compare("ab", "a") > 0 && rc_compare("", RC_NONE) == 0);
    EXPECT(rc_characters(RC("a\u00f6\u20ac\U0001F388")) == 4);
    EXPECT(rc_has_control(RC("a\x7f")) && rc_has_control(RC("\u0085")) && !rc_has_control(RC("\u00a0\u00f6")));
    rc_connection id;
    EXPECT(rc_connection_parse("0192F3C4-7b1e-4c55-9c0e-2f6d1c1b8a77", &id));
    EXPECT(rc_equal(rc_connection_text(id), "0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77"));
    EXPECT(!rc_connection_parse("0192f3c47b1e-4c55-9c0e-2f6d1c1b8a77-", &id) && !rc_connection_parse("", &id));
    char *large = rc_allocate(100000);
    memset(large, 'x', 99999);
    EXPECT(rc_format("%s%s", large, large).size == 199998);
    for (int many = 0; many < 10000; many++) EXPECT(rc_equal(rc_format("%d", many), rc_format("%d", many)));
    return rc_respond(200, "fine");
}

// Events of a stream that comes in pieces of so many bytes.
static rc_answer events(size_t size) {
    static const char stream[] =
        "\xEF\xBB\xBF" "data: {\"a\":1}\n\n: comment\nevent: delta\r\ndata: \u0436\r\ndata:  two\r\nid: 7\r\n\r\n"
        "event: empty\n\ndata\rdata: x:y\r\r"
        "id: 8\0\ndata: three\n\nretry: 5\ndata: unfinished";
    rc_event_reader at_once = {0};
    EXPECT(rc_event_reader_feed(&at_once, "data: a\r\r").count == 1);
    rc_event_reader_free(&at_once);
    rc_event_reader cut = {0};
    rc_text all = RC("");
    for (size_t at = 0; at < sizeof stream - 1; at += size) {
        size_t left = sizeof stream - 1 - at;
        rc_events events = rc_event_reader_feed(&cut, ((rc_text){stream + at, size < left ? size : left}));
        for (size_t one = 0; one < events.count; one++) {
            rc_event event = events.list[one];
            all = rc_format("%s[%s|%s|%s]", all.data, rc_is_none(event.event) ? "-" : event.event.data, event.data.data,
                            rc_is_none(event.id) ? "-" : event.id.data);
        }
        // As over a reload.
        rc_event_reader next = {0};
        EXPECT(rc_event_reader_feed(&next, cut.rest).count == 0);
        rc_event_reader_free(&cut);
        cut = next;
    }
    EXPECT(rc_equal(cut.rest, "retry: 5\ndata: unfinished"));
    rc_event_reader_free(&cut);
    return rc_respond(200, all);
}

static rc_answer json(rc_text text) {
    rc_text problem;
    const rc_json *value = rc_json_read(text, &problem);
    if (value == NULL) return rc_fail("%s", problem.data);
    rc_json_writer json = {0};
    rc_json_begin_array(&json, RC_NONE);
    for (const rc_json *one = rc_json_first(value); one != NULL; one = rc_json_next(one)) {
        rc_json_begin_object(&json, RC_NONE);
        if (!rc_is_none(rc_json_key(one))) rc_json_put(&json, "key", rc_json_key(one));
        rc_json_put_number(&json, "kind", rc_json_kind_of(one));
        if (rc_json_kind_of(one) == RC_JSON_NUMBER) rc_json_put_number(&json, "n", (int64_t)(rc_json_number(one, 0) * 1000));
        if (rc_json_kind_of(one) == RC_JSON_BOOL) rc_json_put_bool(&json, "b", rc_json_bool(one, false));
        rc_json_put(&json, "text", rc_json_text(one));
        rc_json_end_object(&json);
    }
    rc_json_end_array(&json);
    return rc_respond(200, rc_json_done(&json));
}

static rc_answer list_of(rc_texts texts) {
    rc_text all = RC("");
    for (size_t at = 0; at < texts.count; at++) all = rc_format("%s[%s]", all.data, texts.list[at].data);
    return rc_respond(200, all);
}

static rc_answer number(long long value) { return rc_respond(200, rc_format("%lld", value)); }

static int deeper(volatile int *above) {
    if (*above == 2) return 0; // never
    volatile int here[100] = {*above};
    return deeper(here) + here[7];
}

// Ways to end badly.
static rc_answer fail_by(const char *way) {
    if (!strcmp(way, "panic")) rc_panic("it was asked for, %d times", 1);
    if (!strcmp(way, "trap")) __builtin_trap();
    if (!strcmp(way, "abort")) abort();
    if (!strcmp(way, "assert")) assert(way[0] == 'x');
    if (!strcmp(way, "null")) return number(*rc_text_of(NULL).data);
    if (!strcmp(way, "bounds")) return number((int[]){1, 2, 3}[strlen(way)]);
    if (!strcmp(way, "recurse")) return number(deeper(&(volatile int){1}));
    if (!strcmp(way, "memory")) {
        for (;;) memset(rc_allocate(1 << 20), 1, 1 << 20);
    }
    if (!strcmp(way, "loop")) {
        for (volatile int forever = 1; forever;) {}
    }
    return rc_fail("it does not know how to fail by %s", way);
}

rc_answer on_message(const rc_connection *connection, const rc_request *request, rc_body body) {
    if (!body.is_text) return rc_with_header(rc_respond_binary(200, body.bytes), "X-Kind", "binary");
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
        RC_TRY(rc_config(one, &value));
        return rc_respond(200, value);
    }
    if (IS("number")) {
        int64_t value = 7;
        RC_TRY(rc_config_number(one, &value));
        return number(value);
    }
    if (IS("switch")) {
        bool value = false;
        RC_TRY(rc_config_switch(one, &value));
        return number(value);
    }
    if (IS("settings")) {
        size_t count;
        const rc_header *settings;
        RC_TRY(rc_config_all(&settings, &count));
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
        RC_TRY(rc_store_get(one, &value));
        return rc_respond(200, rc_is_none(value) ? RC("none") : value);
    }
    if (IS("set")) {
        RC_TRY(rc_store_set(one, two));
        return rc_ok();
    }
    if (IS("delete")) {
        RC_TRY(rc_store_delete(one));
        return rc_ok();
    }
    if (IS("exists")) {
        bool exists;
        RC_TRY(rc_store_exists(one, &exists));
        return number(exists);
    }
    if (IS("three")) { // two of them there
        rc_pair pairs[] = {{rc_text_of(one), rc_text_of(two)}, {rc_text_of(two), RC("")}};
        rc_text keys[] = {rc_text_of(one), RC("nowhere"), rc_text_of(two)};
        RC_TRY(rc_store_set_many(pairs, 2));
        rc_texts values;
        RC_TRY(rc_store_get_many((rc_texts){keys, 3}, &values));
        RC_TRY(rc_store_delete_many((rc_texts){keys, 3}));
        rc_text all = RC("");
        for (size_t at = 0; at < values.count; at++) {
            all = rc_format("%s[%s]", all.data, rc_is_none(values.list[at]) ? "none" : values.list[at].data);
        }
        return rc_respond(200, all);
    }
    if (IS("swap")) { // somebody else is faster, once
        rc_seen seen, forgotten;
        RC_TRY(rc_store_see(one, &forgotten));
        rc_store_forget(&forgotten);
        RC_TRY(rc_store_see(one, &seen));
        rc_text before = seen.value;
        RC_TRY(rc_store_set(one, "meanwhile"));
        bool first, second = false;
        RC_TRY(rc_store_swap(&seen, two, &first));
        rc_text now = seen.value;
        if (!first) RC_TRY(rc_store_swap(&seen, two, &second));
        return rc_respond(200, rc_format("%s %d %s %d", rc_is_none(before) ? "none" : before.data, first, now.data, second));
    }
    if (IS("keys")) {
        rc_texts keys;
        RC_TRY(rc_store_keys(&keys));
        return list_of(keys);
    }
    if (IS("increment")) {
        int64_t sum;
        RC_TRY(rc_store_increment(one, atoll(two), &sum));
        return number(sum);
    }
    if (IS("keep")) {
        free(kept);
        kept = rc_keep(one);
        return rc_ok();
    }
    if (IS("kept")) return rc_respond(200, kept == NULL ? "nothing" : kept);
    if (IS("after")) {
        RC_TRY(rc_after((uint32_t)atoi(one), two, &timer));
        return rc_ok();
    }
    if (IS("every")) {
        RC_TRY(rc_every((uint32_t)atoi(one), two, &timer));
        return rc_ok();
    }
    if (IS("cancel")) return number(rc_cancel(timer));
    if (IS("fetch")) {
        rc_header headers[] = {{RC("X-Asked"), rc_text_of(two)}};
        RC_TRY(rc_fetch_start(((rc_fetch_request){.url = rc_text_of(one), .method = RC("POST"), .headers = headers,
                                  .header_count = 1, .body = body.bytes, .connection = connection, .timeout_ms = 60000}),
                              two, &fetch));
        return rc_ok();
    }
    if (IS("break")) return number(rc_fetch_cancel(fetch));
    if (IS("count")) {
        RC_TRY(rc_count(one, &n));
        return number(n);
    }
    if (IS("members")) {
        rc_members members;
        RC_TRY(rc_members_of(one, 0, 1, &members));
        return rc_respond(200, rc_format("%zu of %u", members.count, (unsigned)members.total));
    }
    if (IS("broadcast")) {
        RC_TRY(rc_broadcast(one, rc_event_named("told", two), &n));
        return number(n);
    }
    if (connection == NULL) return rc_fail("no such command without a connection: %s", command);
    if (IS("except")) {
        RC_TRY(rc_broadcast_except(one, rc_event_named("told", two), *connection, &n));
        return number(n);
    }
    if (IS("many")) {
        rc_text rooms[] = {rc_text_of(one), rc_text_of(two)};
        RC_TRY(rc_broadcast_many((rc_texts){rooms, 2}, rc_event_named("told", "many"), NULL, RC_KEEP_DUPLICATES, &n));
        uint32_t once;
        RC_TRY(rc_broadcast_many((rc_texts){rooms, 2}, rc_event_named("told", "many"), connection, RC_DROP_DUPLICATES, &once));
        return rc_respond(200, rc_format("%u %u", (unsigned)n, (unsigned)once));
    }
    if (IS("send")) {
        RC_TRY(rc_send(*connection, (rc_event){.data = rc_text_of(one), .id = rc_text_of(two)}));
        return rc_ok();
    }
    if (IS("retry")) {
        RC_TRY(rc_send(*connection, (rc_event){.data = rc_text_of(one), .retry_ms = 700}));
        return rc_ok();
    }
    if (IS("comment")) {
        RC_TRY(rc_comment(*connection, one));
        return rc_ok();
    }
    if (IS("join")) {
        RC_TRY(rc_join(*connection, one));
        return rc_ok();
    }
    if (IS("leave")) {
        RC_TRY(rc_leave(*connection, one));
        return rc_ok();
    }
    if (IS("rooms")) {
        rc_texts rooms;
        RC_TRY(rc_rooms(*connection, &rooms));
        return list_of(rooms);
    }
    if (IS("tag")) {
        RC_TRY(rc_set_tag(*connection, one));
        return rc_ok();
    }
    if (IS("untag")) {
        RC_TRY(rc_set_tag(*connection, RC_NONE));
        return rc_ok();
    }
    if (IS("tagged")) {
        rc_text tag;
        RC_TRY(rc_tag(*connection, &tag));
        return rc_respond(200, rc_is_none(tag) ? RC("none") : tag);
    }
    if (IS("open")) return number(rc_is_open(*connection));
    if (IS("close")) {
        RC_TRY(rc_close(*connection));
        RC_TRY(rc_send(*connection, rc_event_named("late", "x")));
        return rc_ok();
    }
    return rc_fail("no such command: %s", command);
}
