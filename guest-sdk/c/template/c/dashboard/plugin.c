// {{name}}: numbers that change, and go to everyone who looks.
#include <math.h>
#include <roomcast.h>
#include <stdlib.h>

RC_HOOKS(on_init, on_connect, on_publish, on_timer, on_save, on_restore)

// The last value of each number, and whether it has changed since the clients were told.
static struct number { char *name; double value; bool has_changed; } *numbers;
static size_t count;
static bool timer_is_set;

// However often a number changes, clients get its latest value at most ten times a second.
static void update(rc_text name, double value) {
    size_t at = 0;
    while (at < count && !rc_equal(numbers[at].name, name)) at++;
    if (at == count) {
        if ((numbers = realloc(numbers, ++count * sizeof *numbers)) == NULL) rc_panic("no memory");
        numbers[at] = (struct number){.name = rc_keep(name), .value = NAN};
    }
    if (numbers[at].value == value) return;
    numbers[at].value = value;
    numbers[at].has_changed = true;
    if (!timer_is_set) timer_is_set = RC_WARN(rc_after(100, "tell", NULL));
}

static rc_text write(bool all) {
    rc_json_writer json = {0};
    rc_json_begin_object(&json, RC_NONE);
    for (const struct number *each = numbers; each < numbers + count; each++) {
        if (all || each->has_changed) rc_json_put_json(&json, each->name, rc_format("%.15g", each->value));
    }
    rc_json_end_object(&json);
    return rc_json_done(&json);
}

static bool read(rc_text text) {
    const rc_json *object = rc_json_read(text, NULL);
    if (rc_json_kind_of(object) != RC_JSON_OBJECT) return false;
    for (const rc_json *each = rc_json_first(object); each != NULL; each = rc_json_next(each)) {
        if (!isfinite(rc_json_number(each, NAN))) return false;
    }
    for (const rc_json *each = rc_json_first(object); each != NULL; each = rc_json_next(each)) {
        update(rc_json_key(each), rc_json_number(each, 0));
    }
    return true;
}

rc_answer on_init(void) {
    RC_TRY(rc_every(1000, "count", NULL));
    return rc_ok();
}

rc_answer on_connect(rc_connection connection, rc_request request) {
    RC_TRY(rc_send(connection, rc_event_named("numbers", write(true))));
    return rc_ok();
}

// A back end publishes to the room "numbers". No client is in it: what is published there is for this plugin alone.
rc_verdict on_publish(rc_text room, rc_event event, rc_origin origin) {
    if (!rc_equal(room, "numbers") || read(event.data)) return rc_forward();
    return rc_refuse("send numbers by their names, such as {\"cpu\": 42.5}");
}

void on_timer(rc_text token) {
    uint32_t streams = 0;
    if (rc_equal(token, "count")) {
        if (RC_WARN(rc_count("__all", &streams))) update(RC("streams"), streams);
        return;
    }
    timer_is_set = false;
    RC_WARN(rc_broadcast("__all", rc_event_named("numbers", write(false)), NULL));
    for (size_t at = 0; at < count; at++) numbers[at].has_changed = false;
}

rc_answer on_save(rc_text *state) {
    *state = write(true);
    return rc_ok();
}

rc_answer on_restore(rc_text state) { return read(state) ? rc_ok() : rc_fail("the saved state is not of numbers"); }
