// Every call of a hook so far, each as JSON.
#include <stdlib.h>

#include "probe.h"

static char **calls;
static size_t count, capacity;

static void keep(rc_text call) {
    if (count == capacity) {
        capacity = capacity == 0 ? 64 : 2 * capacity;
        calls = realloc(calls, capacity * sizeof *calls);
        if (calls == NULL) rc_panic("no memory for %zu calls", capacity);
    }
    calls[count++] = rc_keep(call);
}

rc_json_writer call_of(const char *hook) {
    rc_json_writer call = {0};
    rc_json_begin_object(&call, RC_NONE);
    rc_json_put(&call, "hook", hook);
    return call;
}

void note(rc_json_writer *call) {
    rc_json_end_object(call);
    keep(rc_json_done(call));
}

void note_result(rc_text result) {
    rc_json_writer noted = {0};
    rc_json_begin_object(&noted, RC_NONE);
    rc_json_put_json(&noted, "result", result);
    note(&noted);
}

void put_journal(rc_json_writer *json, rc_text key) {
    rc_json_begin_array(json, key);
    for (size_t at = 0; at < count; at++) rc_json_put_json(json, RC_NONE, calls[at]);
    rc_json_end_array(json);
}

void forget_calls(void) {
    while (count > 0) free(calls[--count]);
}

bool restore_journal(rc_text state) {
    const rc_json *saved = rc_json_read(state, NULL);
    if (rc_json_kind_of(saved) != RC_JSON_ARRAY) return false;
    forget_calls();
    for (const rc_json *call = rc_json_first(saved); call != NULL; call = rc_json_next(call)) {
        rc_json_writer copy = {0};
        put_value(&copy, RC_NONE, call);
        keep(rc_json_done(&copy));
    }
    return true;
}
