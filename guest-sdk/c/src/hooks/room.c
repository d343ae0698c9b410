#include "adapter.h"
#include "../../bindings/room.c"

const char rc_hook_room = 1;
DEFINE_TEXT_OUT(room_string_t)
DEFINE_REJECTION_OUT(room)

/* The two functions of this hook come together; a plugin may leave out one. */
__attribute__((weak)) rc_answer rc_join_or_default(rc_connection connection, rc_text room);
__attribute__((weak)) void rc_leave_or_default(rc_connection connection, rc_text room);

rc_answer rc_join_or_default(rc_connection connection, rc_text room) {
    (void)connection, (void)room;
    return rc_ok();
}

void rc_leave_or_default(rc_connection connection, rc_text room) { (void)connection, (void)room; }

bool exports_roomcast_plugin_room_on_join(
    room_types_connection_id_t *connection, room_string_t *room, room_types_rejection_t *rejection) {
    rc_answer answer = rc_join_or_default(RC_LIFT_CONNECTION(*connection), RC_LIFT(*room));
    bool yes = is_yes(&answer);
    if (!yes) *rejection = rejection_out(answer);
    rc_hook_end();
    return yes;
}

void exports_roomcast_plugin_room_on_leave(room_types_connection_id_t *connection, room_string_t *room) {
    rc_leave_or_default(RC_LIFT_CONNECTION(*connection), RC_LIFT(*room));
    rc_hook_end();
}
