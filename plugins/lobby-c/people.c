// Who is in which room: a table that is searched from where the id, which is random, says. It is at most half full.
#include <stdlib.h>
#include <string.h>

#include "lobby.h"

static person *table;
static size_t places, taken;

static size_t home_of(rc_connection connection) {
    uint32_t random;
    memcpy(&random, connection.bytes, sizeof random);
    return random & (places - 1);
}

// Where it is, or the free place where it belongs.
static person *place_of(rc_connection connection) {
    size_t at = home_of(connection);
    while (table[at].name != NULL && rc_connection_compare(table[at].connection, connection) != 0) {
        at = (at + 1) & (places - 1);
    }
    return &table[at];
}

static void grow(void) {
    person *old = table;
    size_t old_places = places;
    places = places == 0 ? 64 : places * 2;
    table = calloc(places, sizeof *table);
    if (table == NULL) rc_panic("no memory for %zu people", places / 2);
    for (size_t at = 0; at < old_places; at++) {
        if (old[at].name != NULL) *place_of(old[at].connection) = old[at];
    }
    free(old);
}

person *find_person(rc_connection connection) {
    if (taken == 0) return NULL;
    person *found = place_of(connection);
    return found->name != NULL ? found : NULL;
}

person *put_person(rc_connection connection, rc_text name, rc_text room) {
    if ((taken + 1) * 2 > places) grow();
    person *place = place_of(connection);
    char *new_name = rc_keep(name), *new_room = rc_keep(room);
    if (place->name == NULL) taken++;
    free(place->name);
    free(place->room);
    *place = (person){connection, new_name, new_room};
    return place;
}

void remove_person(rc_connection connection) {
    person *gone = find_person(connection);
    if (gone == NULL) return;
    free(gone->name);
    free(gone->room);
    taken--;
    // Those behind it move up, until one is at home or a place is free: a search must meet no gap.
    size_t gap = (size_t)(gone - table), at = gap;
    for (;;) {
        table[gap].name = NULL;
        do {
            at = (at + 1) & (places - 1);
            if (table[at].name == NULL) return;
        } while (((at - home_of(table[at].connection)) & (places - 1)) < ((at - gap) & (places - 1)));
        table[gap] = table[at];
        gap = at;
    }
}

void remove_everybody(void) {
    for (size_t at = 0; at < places; at++) {
        free(table[at].name);
        free(table[at].room);
    }
    free(table);
    table = NULL;
    places = taken = 0;
}

const person *next_person(const person *at) {
    for (at = at == NULL ? table : at + 1; at < table + places; at++) {
        if (at->name != NULL) return at;
    }
    return NULL;
}
