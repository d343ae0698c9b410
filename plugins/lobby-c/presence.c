// Who has come and gone, gathered for a moment and told once.
//
// Telling each arrival to everybody would cost the square of their number: a room that 10,000 people enter would send 50
// million events. So the first change starts a timer, and when it fires every changed room gets one event, of a bounded
// size.
#include <stdlib.h>
#include <string.h>

#include "lobby.h"

// How long changes are gathered.
enum { GATHER_MS = 250 };
// How many names each list of an event has.
enum { MAX_NAMES = 20 };

typedef struct names {
    char *list[MAX_NAMES];
    size_t count;
} names;

typedef struct change {
    char *room;
    names joined, left;
    uint32_t more;
} change;

// The changed rooms, in the order of their names.
static change *changes;
static size_t change_count;
// Whether the timer runs.
static bool running;

void start_presence_timer(void) {
    if (running || change_count == 0) return;
    running = RC_WARN(rc_after(GATHER_MS, "presence", NULL));
}

static change *change_of(rc_text room) {
    size_t at = 0;
    while (at < change_count && rc_compare(changes[at].room, room) < 0) at++;
    if (at == change_count || !rc_equal(changes[at].room, room)) {
        changes = realloc(changes, (change_count + 1) * sizeof *changes);
        if (changes == NULL) rc_panic("no memory for the changes of %zu rooms", change_count + 1);
        memmove(changes + at + 1, changes + at, (change_count - at) * sizeof *changes);
        changes[at] = (change){.room = rc_keep(room)};
        change_count++;
    }
    start_presence_timer();
    return &changes[at];
}

// Note a name in one list; somebody who has come and gone in between, or the other way round (a reconnect), has not
// changed anything. Answers how many names were left out: 0 or 1.
static uint32_t note(rc_text name, names *list, names *opposite) {
    for (size_t at = 0; at < opposite->count; at++) {
        if (!rc_equal(opposite->list[at], name)) continue;
        free(opposite->list[at]);
        opposite->count--;
        memmove(opposite->list + at, opposite->list + at + 1, (opposite->count - at) * sizeof *opposite->list);
        return 0;
    }
    if (list->count == MAX_NAMES) return 1;
    list->list[list->count++] = rc_keep(name);
    return 0;
}

void note_joined(rc_text room, rc_text name) {
    change *change = change_of(room);
    change->more += note(name, &change->joined, &change->left);
}

void note_left(rc_text room, rc_text name) {
    change *change = change_of(room);
    change->more += note(name, &change->left, &change->joined);
}

static void write_names(rc_json_writer *json, rc_text key, const names *names) {
    rc_json_begin_array(json, key);
    for (size_t at = 0; at < names->count; at++) rc_json_put(json, RC_NONE, names->list[at]);
    rc_json_end_array(json);
}

static void write_change(rc_json_writer *json, const change *change) {
    write_names(json, RC("joined"), &change->joined);
    write_names(json, RC("left"), &change->left);
    rc_json_put_number(json, "more", change->more);
}

static void tell(const change *change) {
    if (change->joined.count == 0 && change->left.count == 0 && change->more == 0) return;
    uint32_t count;
    if (!RC_WARN(rc_count(change->room, &count))) return;
    rc_json_writer json = {0};
    rc_json_begin_object(&json, RC_NONE);
    rc_json_put(&json, "room", change->room);
    rc_json_put_number(&json, "count", count);
    write_change(&json, change);
    rc_json_end_object(&json);
    RC_WARN(rc_broadcast(change->room, rc_event_named("presence", rc_json_done(&json)), NULL));
}

void forget_presence(void) {
    for (size_t at = 0; at < change_count; at++) {
        free(changes[at].room);
        for (size_t name = 0; name < changes[at].joined.count; name++) free(changes[at].joined.list[name]);
        for (size_t name = 0; name < changes[at].left.count; name++) free(changes[at].left.list[name]);
    }
    change_count = 0;
}

void tell_presence(void) {
    running = false;
    for (size_t at = 0; at < change_count; at++) tell(&changes[at]);
    forget_presence();
}

void write_presence(rc_json_writer *json) {
    rc_json_begin_object(json, "changes");
    for (size_t at = 0; at < change_count; at++) {
        rc_json_begin_object(json, changes[at].room);
        write_change(json, &changes[at]);
        rc_json_end_object(json);
    }
    rc_json_end_object(json);
}

static bool read_names(const rc_json *list, names *names) {
    if (rc_json_kind_of(list) != RC_JSON_ARRAY || rc_json_count(list) > MAX_NAMES) return false;
    for (const rc_json *name = rc_json_first(list); name != NULL; name = rc_json_next(name)) {
        if (rc_is_none(rc_json_text(name))) return false;
        names->list[names->count++] = rc_keep(rc_json_text(name));
    }
    return true;
}

rc_answer read_presence(const rc_json *given) {
    if (rc_json_kind_of(given) != RC_JSON_OBJECT) return rc_fail("missing field `changes`");
    for (const rc_json *one = rc_json_first(given); one != NULL; one = rc_json_next(one)) {
        change *change = change_of(rc_json_key(one));
        double more = rc_json_number(rc_json_get(one, "more"), -1);
        if (!read_names(rc_json_get(one, "joined"), &change->joined) ||
            !read_names(rc_json_get(one, "left"), &change->left) || more < 0 || more > UINT32_MAX) {
            return rc_fail("the changes of room %s", rc_json_key(one).data);
        }
        change->more = (uint32_t)more;
    }
    return rc_ok();
}
