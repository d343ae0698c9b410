#include "adapter.h"
#include "../../bindings/connect.c"

const char rc_hook_connect = 1;
rc_answer on_connect(rc_connection connection, const rc_request *request);
DEFINE_TEXT_OUT(connect_string_t)
DEFINE_HEADERS_OUT(connect_types_list_header_t, connect_types_header_t, connect_string_t)
DEFINE_REQUEST_IN(connect_types_request_t, connect_types_list_header_t)

bool exports_roomcast_plugin_connect_on_connect(
    connect_string_t *connection, connect_types_request_t *given, connect_types_rejection_t *rejection) {
    rc_request request = request_in(given);
    rc_answer answer = on_connect(RC_LIFT_CONNECTION(*connection), &request);
    /* `rc_accepted` belongs to messages, but what is meant by it here is plain. */
    bool yes = answer.status == 0 || answer.status == 202;
    if (!yes) {
        *rejection = (connect_types_rejection_t){
            answer.status,
            HEADERS_OUT(connect_types_list_header_t, connect_types_header_t, connect_string_t, &answer),
            TEXT_OUT(connect_string_t, answer.body.bytes),
        };
    }
    rc_hook_end();
    return yes;
}
