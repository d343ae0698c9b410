#include "adapter.h"
#include "../../bindings/message.c"

const char rc_hook_message = 1;
rc_answer on_message(const rc_connection *connection, const rc_request *request, rc_body body);
DEFINE_TEXT_OUT(message_string_t)
DEFINE_HEADERS_OUT(message_types_list_header_t, message_types_header_t, message_string_t)
DEFINE_REQUEST_IN(message_types_request_t, message_types_list_header_t)

static rc_body body_in(const message_types_body_t *given) {
    bool is_text = given->tag == MESSAGE_TYPES_BODY_TEXT;
    return (rc_body){is_text ? RC_LIFT(given->val.text) : RC_LIFT(given->val.binary), is_text};
}

static message_types_body_t body_out(rc_body body) {
    message_types_body_t out = {.tag = body.is_text ? MESSAGE_TYPES_BODY_TEXT : MESSAGE_TYPES_BODY_BINARY};
    if (body.is_text) out.val.text = TEXT_OUT(message_string_t, body.bytes);
    else out.val.binary = RC_LOWER(message_list_u8_t, body.bytes);
    return out;
}

bool exports_roomcast_plugin_message_on_message(
    message_string_t *named, message_types_request_t *given, message_types_body_t *body,
    message_types_response_t *response, message_string_t *reason) {
    rc_connection connection;
    if (named != NULL) connection = RC_LIFT_CONNECTION(*named);
    rc_request request = request_in(given);
    rc_answer answer = on_message(named == NULL ? NULL : &connection, &request, body_in(body));
    if (answer.status == 0) answer = rc_accepted();
    /* What is the sender's fault has a place of its own in the contract. */
    if (answer.status == 400 && answer.header_count == 0 && answer.body.is_text) {
        *reason = TEXT_OUT(message_string_t, answer.body.bytes);
        rc_hook_end();
        return false;
    }
    *response = (message_types_response_t){
        answer.status,
        HEADERS_OUT(message_types_list_header_t, message_types_header_t, message_string_t, &answer),
        body_out(answer.body),
    };
    rc_hook_end();
    return true;
}
