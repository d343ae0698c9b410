// What needs no server: texts, events that come in pieces, JSON.
#include <string.h>

#include "api.h"

#define EXPECT(condition) \
    if (!(condition)) return rc_fail("line %d: %s", __LINE__, #condition)

rc_answer texts(void) {
    EXPECT(rc_equal(rc_trim("\t\u3000 a b \u00a0\n"), "a b") && rc_equal(rc_trim(" "), "") && rc_equal(rc_trim(""), ""));
    EXPECT(!rc_equal(RC_NONE, "") && rc_equal(RC_NONE, RC_NONE) && rc_starts_with("__all", "__"));
    EXPECT(rc_compare("a", "b") < 0 && rc_compare("ab", "a") > 0 && rc_compare("", RC_NONE) == 0);
    EXPECT(rc_characters(RC("a\u00f6\u20ac\U0001F388")) == 4);
    EXPECT(rc_has_control(RC("a\x7f")) && rc_has_control(RC("\u0085")) && !rc_has_control(RC("\u00a0\u00f6")));
    /* A character that is cut off is one mistake; bytes that begin none are one each, and so are halves of surrogate pairs. */
    rc_body ill_formed = {RC("\xe2\x82 \xf0\x9f\x8e \xf4\x90 \xc0\x80 \xed\xa0\x80 \xe2\x82\xac\xff")};
    EXPECT(rc_equal(rc_body_text_lossy(ill_formed), "\ufffd \ufffd \ufffd\ufffd \ufffd\ufffd \ufffd\ufffd\ufffd \u20ac\ufffd"));
    EXPECT(rc_is_none(rc_body_text(ill_formed)) && rc_equal(rc_body_text((rc_body){RC("")}), ""));
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
rc_answer events(size_t size) {
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

rc_answer json(rc_text text) {
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
