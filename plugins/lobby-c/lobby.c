// Rooms, presence and chat.
//
// A client opens `/sse?name=Ada&room=tea` and gets `welcome`, then `presence` and `chat`; it posts JSON to `/send` to say
// something, to move to another room, or to take another name. The README of ../lobby has the messages.
#include "lobby.h"

RC_HOOKS(on_connect, on_disconnect, on_message, on_timer, on_save, on_restore)

// How many names a welcome shows.
enum { MAX_PEOPLE = 50 };
enum { MAX_TEXT = 2000 };

#define DEFAULT_ROOM RC("lobby")
#define EXAMPLE "send JSON such as {\"type\":\"say\",\"text\":\"hi\"}, or of type \"move\" or \"name\""

// Answer a refusal of the functions that check.
#define CHECK(...)                                               \
    do {                                                         \
        rc_text why = (__VA_ARGS__);                             \
        if (!rc_is_none(why)) return rc_fail("%s", why.data);    \
    } while (0)

static rc_text name_of(rc_connection connection) {
    const person *known = find_person(connection);
    if (known != NULL) return rc_text_of(known->name);
    rc_text tag = RC_NONE;
    (void)rc_tag(connection, &tag); // gone, or without a tag: it has no name
    return tag;
}

// Tell a connection where it is, and with whom.
static rc_error welcome(const person *person) {
    rc_members members;
    rc_error error = rc_members_of(person->room, NULL, MAX_PEOPLE, &members);
    if (error.kind != RC_OK) return error;
    rc_json_writer json = {0};
    rc_json_begin_object(&json, RC_NONE);
    rc_json_put(&json, "connection", rc_connection_text(person->connection));
    rc_json_put(&json, "name", person->name);
    rc_json_put(&json, "room", person->room);
    rc_json_put_number(&json, "count", members.total);
    rc_json_begin_array(&json, "people");
    for (size_t at = 0; at < members.count; at++) {
        rc_text name = name_of(members.list[at]);
        if (!rc_is_none(name)) rc_json_put(&json, RC_NONE, name);
    }
    rc_json_end_array(&json);
    rc_json_end_object(&json);
    return rc_send(person->connection, rc_event_named("welcome", rc_json_done(&json)));
}

rc_answer on_connect(rc_connection connection, rc_request request) {
    rc_text name = rc_parameter(request, "name"), room = rc_parameter(request, "room");
    if (rc_is_none(name)) name = guest_name(connection);
    else CHECK(check_person(name, &name));
    CHECK(check_room(rc_is_none(room) ? DEFAULT_ROOM : room, &room));
    RC_TRY(rc_join(connection, room));
    RC_TRY(rc_set_tag(connection, name));
    note_joined(room, name);
    RC_TRY(welcome(put_person(connection, name, room)));
    return rc_ok();
}

void on_disconnect(rc_connection connection, rc_disconnect_reason reason) {
    const person *person = find_person(connection);
    if (person == NULL) return;
    note_left(rc_text_of(person->room), rc_text_of(person->name));
    remove_person(connection);
}

static rc_answer say(const person *person, const rc_json *message) {
    rc_text text = rc_json_text(rc_json_get(message, "text"));
    if (rc_is_none(text)) return rc_fail("missing field `text`; " EXAMPLE);
    if (rc_is_empty(rc_trim(text))) return rc_fail("`text` must not be empty");
    if (rc_characters(text) > MAX_TEXT) return rc_fail("`text` is at most 2,000 characters long");
    rc_json_writer json = {0};
    rc_json_begin_object(&json, RC_NONE);
    rc_json_put(&json, "room", person->room);
    rc_json_put(&json, "name", person->name);
    rc_json_put(&json, "text", text);
    rc_json_end_object(&json);
    RC_TRY(rc_broadcast(person->room, rc_event_named("chat", rc_json_done(&json)), NULL));
    return rc_accepted();
}

// The new room comes first, so that a connection is never in none.
static rc_answer move(person *person, const rc_json *message) {
    rc_text room = rc_json_text(rc_json_get(message, "room")), name = rc_text_of(person->name);
    if (rc_is_none(room)) return rc_fail("missing field `room`; " EXAMPLE);
    CHECK(check_room(room, &room));
    if (!rc_equal(person->room, room)) {
        RC_TRY(rc_join(person->connection, room));
        RC_TRY(rc_leave(person->connection, person->room));
        note_left(rc_text_of(person->room), name);
        note_joined(room, name);
        person = put_person(person->connection, name, room);
    }
    RC_TRY(welcome(person));
    return rc_accepted();
}

static rc_answer take_name(person *person, const rc_json *message) {
    rc_text name = rc_json_text(rc_json_get(message, "name")), room = rc_text_of(person->room);
    if (rc_is_none(name)) return rc_fail("missing field `name`; " EXAMPLE);
    CHECK(check_person(name, &name));
    if (!rc_equal(person->name, name)) {
        RC_TRY(rc_set_tag(person->connection, name));
        note_left(room, rc_text_of(person->name));
        note_joined(room, name);
        put_person(person->connection, name, room);
    }
    return rc_accepted();
}

// What the hub knows of a connection is enough to know it again after a crash: its tag is the name.
static rc_answer known_again(rc_connection connection, person **person) {
    rc_text name, why = RC("");
    rc_texts rooms;
    RC_TRY(rc_tag(connection, &name));
    RC_TRY(rc_rooms(connection, &rooms));
    for (size_t at = 0; at < rooms.count && !rc_is_none(why); at++) {
        rc_text room = rooms.list[at];
        why = check_room(room, &room);
        if (rc_is_none(why)) *person = put_person(connection, rc_is_none(name) ? RC("") : name, rooms.list[at]);
    }
    return rc_is_none(why) ? rc_ok() : rc_fail("you are in no room: open the stream again");
}

rc_answer on_message(const rc_connection *connection, rc_request request, rc_body body) {
    if (connection == NULL) return rc_fail("name your stream: send its id in the header `Roomcast-Connection`");
    rc_text problem;
    const rc_json *message = rc_json_read(body.bytes, &problem);
    if (message == NULL) return rc_fail("%s; " EXAMPLE, problem.data);
    rc_text type = rc_json_text(rc_json_get(message, "type"));
    if (rc_is_none(type)) return rc_fail("missing field `type`; " EXAMPLE);
    person *person = find_person(*connection);
    if (person == NULL) {
        rc_answer answer = known_again(*connection, &person);
        if (person == NULL) return answer;
    }
    if (rc_equal(type, "say")) return say(person, message);
    if (rc_equal(type, "move")) return move(person, message);
    if (rc_equal(type, "name")) return take_name(person, message);
    return rc_fail("unknown variant `%s`, expected one of `say`, `move`, `name`; " EXAMPLE, type.data);
}

void on_timer(rc_text token) { tell_presence(); }

// A reload goes unnoticed: the state goes from one instance to the next, as the JSON that the lobby in Rust has, too.
rc_answer on_save(rc_text *state) {
    rc_json_writer json = {0};
    rc_json_begin_object(&json, RC_NONE);
    rc_json_begin_object(&json, "people");
    for (const person *person = next_person(NULL); person != NULL; person = next_person(person)) {
        rc_json_begin_object(&json, rc_connection_text(person->connection));
        rc_json_put(&json, "name", person->name);
        rc_json_put(&json, "room", person->room);
        rc_json_end_object(&json);
    }
    rc_json_end_object(&json);
    rc_json_begin_object(&json, "presence");
    write_presence(&json);
    rc_json_end_object(&json);
    rc_json_end_object(&json);
    *state = rc_json_done(&json);
    return rc_ok();
}

#define NO_LOBBY "the saved state is not a lobby's: "

rc_answer on_restore(rc_text state) {
    rc_text problem;
    const rc_json *saved = rc_json_read(state, &problem);
    if (saved == NULL) return rc_fail(NO_LOBBY "%s", problem.data);
    const rc_json *people = rc_json_get(saved, "people");
    if (rc_json_kind_of(people) != RC_JSON_OBJECT) return rc_fail(NO_LOBBY "missing field `people`");
    remove_everybody();
    forget_presence();
    for (const rc_json *one = rc_json_first(people); one != NULL; one = rc_json_next(one)) {
        rc_connection connection;
        rc_text name = rc_json_text(rc_json_get(one, "name")), room = rc_json_text(rc_json_get(one, "room"));
        if (!rc_connection_parse(rc_json_key(one), &connection) || rc_is_none(name) || rc_is_none(room)) {
            return rc_fail(NO_LOBBY "the person %s", rc_json_key(one).data);
        }
        put_person(connection, name, room);
    }
    rc_answer answer = read_presence(rc_json_get(rc_json_get(saved, "presence"), "changes"));
    if (answer.kind != RC_ANSWER_OK) return rc_fail(NO_LOBBY "%s", answer.body.data);
    start_presence_timer();
    return rc_ok();
}
