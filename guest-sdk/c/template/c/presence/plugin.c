// {{name}}: who is here, and whether they are active, away or typing.
#include <roomcast.h>
#include <stdlib.h>

RC_HOOKS(on_connect, on_message, on_disconnect, on_timer)

// The people who have changed since the others were told, as JSON: the last change of each.
static struct change { rc_connection connection; char *person; } *changes;
static size_t count;

// Have the others told, together with what else changes in the next quarter of a second.
static rc_error note(rc_connection connection, rc_text person) {
    if (count == 0) {
        rc_error error = rc_after(250, "tell", NULL);
        if (error.kind != RC_OK) return error;
    }
    size_t at = 0;
    while (at < count && rc_connection_compare(changes[at].connection, connection) != 0) at++;
    if (at < count) free(changes[at].person);
    else if ((changes = realloc(changes, ++count * sizeof *changes)) == NULL) rc_panic("no memory");
    changes[at] = (struct change){connection, rc_keep(person)};
    return (rc_error){.kind = RC_OK};
}

// The beginning of the connection's id is the person's: who knows the whole can post in its name.
static rc_text person(rc_connection connection, rc_text name, const char *state) {
    rc_json_writer json = {0};
    rc_json_begin_object(&json, RC_NONE);
    rc_json_put(&json, "id", rc_format("%.8s", rc_connection_text(connection).data));
    rc_json_put(&json, "name", name);
    rc_json_put(&json, "state", state);
    rc_json_end_object(&json);
    return rc_json_done(&json);
}

// A connection's tag is the person. The hub keeps it, so it outlives this instance.
static rc_text tag_of(rc_connection connection) {
    rc_text tag = RC("null");
    return RC_WARN(rc_tag(connection, &tag)) ? tag : RC("null");
}

static rc_text name_of(rc_connection connection) {
    return rc_json_text(rc_json_get(rc_json_read(tag_of(connection), NULL), "name"));
}

static rc_text people(void) {
    rc_connections members = {0};
    rc_json_writer json = {0};
    RC_WARN(rc_all_members("__all", &members));
    rc_json_begin_array(&json, RC_NONE);
    for (size_t at = 0; at < members.count; at++) rc_json_put_json(&json, RC_NONE, tag_of(members.list[at]));
    rc_json_end_array(&json);
    return rc_json_done(&json);
}

// A client opens /sse?name=Ada.
rc_answer on_connect(rc_connection connection, rc_request request) {
    rc_text name = rc_parameter(request, "name");
    if (rc_is_empty(name) || rc_characters(name) > 40)
        return rc_fail("a name of 1 to 40 characters is required: /sse?name=Ada");
    rc_text tag = person(connection, name, "active");
    RC_TRY(rc_set_tag(connection, tag));
    RC_TRY(note(connection, tag));
    RC_TRY(rc_send(connection, rc_event_named(RC("people"), people())));
    return rc_ok();
}

// A client posts {"state": "typing"}.
rc_answer on_message(const rc_connection *connection, rc_request request, rc_body body) {
    if (connection == NULL) return rc_fail("name your stream in the header Roomcast-Connection");
    rc_text state = rc_json_text(rc_json_get(rc_body_json(body, NULL), "state"));
    if (!rc_equal(state, "active") && !rc_equal(state, "away") && !rc_equal(state, "typing"))
        return rc_fail("`state` is \"active\", \"away\" or \"typing\"");
    rc_text tag = person(*connection, name_of(*connection), state.data);
    RC_TRY(rc_set_tag(*connection, tag));
    RC_TRY(note(*connection, tag));
    return rc_accepted();
}

void on_disconnect(rc_connection connection, rc_disconnect_reason reason) {
    RC_WARN(note(connection, person(connection, name_of(connection), "left")));
}

void on_timer(rc_text token) {
    rc_json_writer json = {0};
    rc_json_begin_array(&json, RC_NONE);
    for (size_t at = 0; at < count; at++) rc_json_put_json(&json, RC_NONE, rc_text_of(changes[at].person));
    rc_json_end_array(&json);
    // After a reload the timer goes on, but the changes are lost: then everyone gets everything.
    rc_event event = count > 0 ? rc_event_named("presence", rc_json_done(&json)) : rc_event_named("people", people());
    while (count > 0) free(changes[--count].person);
    RC_WARN(rc_broadcast("__all", event, NULL));
}
