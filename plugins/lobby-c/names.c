// Names that people choose, for themselves and for rooms.
#include "lobby.h"

enum { MAX_CHARACTERS = 40 };

static rc_text check(const char *what, rc_text name, rc_text *checked) {
    name = rc_trim(name);
    const char *problem = name.size == 0                             ? "must not be empty"
                          : rc_characters(name) > MAX_CHARACTERS ? "is at most 40 characters long"
                          : rc_has_control(name)                     ? "must not contain control characters"
                                                                     : NULL;
    if (problem != NULL) return rc_format("`%s` %s", what, problem);
    *checked = name;
    return RC_NONE;
}

rc_text check_person(rc_text name, rc_text *person) { return check("name", name, person); }

rc_text check_room(rc_text name, rc_text *room) {
    rc_text why = check("room", name, room);
    // Rooms of the server's own start so; `__all` is everybody.
    if (rc_is_none(why) && rc_starts_with(*room, "__")) {
        return RC("`room`: names that start with __ are the server's own, take another");
    }
    return why;
}

rc_text guest_name(rc_connection connection) { return rc_format("guest-%.4s", rc_connection_text(connection).data); }
