// What the parts of the lobby have in common.
#ifndef LOBBY_H
#define LOBBY_H

#include <roomcast.h>

// Names (names.c): both trim, and answer why a name will not do, or none.
rc_text check_person(rc_text name, rc_text *person);
rc_text check_room(rc_text name, rc_text *room);
rc_text guest_name(rc_connection connection);

// People (people.c): who is in which room. Name and room belong to the table, which copies what it is given.
typedef struct person {
    rc_connection connection;
    char *name; // NULL: this place of the table is free
    char *room;
} person;

person *find_person(rc_connection connection);
person *put_person(rc_connection connection, rc_text name, rc_text room);
void remove_person(rc_connection connection);
void remove_everybody(void);
// The next after `at`, the first after NULL, NULL after the last.
const person *next_person(const person *at);

// Presence (presence.c): who has come and gone, gathered for a moment and told once.
void note_joined(rc_text room, rc_text name);
void note_left(rc_text room, rc_text name);
void tell_presence(void);
void start_presence_timer(void);
void forget_presence(void);
void write_presence(rc_json_writer *json);
rc_answer read_presence(const rc_json *changes);

#endif
