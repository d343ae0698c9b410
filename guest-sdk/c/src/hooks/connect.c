#include "adapter.h"
#include "../../bindings/connect.c"

const char rc_hook_connect = 1;
rc_answer on_connect(rc_connection connection, rc_request request);
DEFINE_TEXT_OUT(connect_string_t)
DEFINE_REJECTION_OUT(connect)

bool exports_roomcast_plugin_connect_on_connect(
    connect_types_connection_id_t *connection, connect_types_borrow_request_t request,
    connect_types_rejection_t *rejection) {
    rc_answer answer = on_connect(RC_LIFT_CONNECTION(*connection), rc_request_begin(request.__handle));
    bool yes = is_yes(&answer);
    if (!yes) *rejection = rejection_out(answer);
    rc_request_end();
    rc_hook_end();
    return yes;
}
