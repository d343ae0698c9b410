#include "adapter.h"
#include "../../bindings/message.c"

const char rc_hook_message = 1;
rc_answer on_message(const rc_connection *connection, rc_request request, rc_body body);
DEFINE_TEXT_OUT(message_string_t)
DEFINE_REJECTION_OUT(message)

/** False if the answer is a refusal. */
static bool reply_out(
    rc_answer answer, exports_roomcast_plugin_message_reply_t *reply, message_types_rejection_t *rejection) {
    switch (answer.kind) {
    case RC_ANSWER_REJECTION:
    case RC_ANSWER_FAILURE: *rejection = rejection_out(answer); return false;
    case RC_ANSWER_PASS: reply->tag = EXPORTS_ROOMCAST_PLUGIN_MESSAGE_REPLY_PASS; return true;
    case RC_ANSWER_OK: answer.status = 202; break;
    case RC_ANSWER_RESPONSE: break;
    }
    reply->tag = EXPORTS_ROOMCAST_PLUGIN_MESSAGE_REPLY_ANSWER;
    reply->val.answer = (message_types_response_t){
        answer.status, headers_out(&answer), RC_LOWER(message_list_u8_t, answer.body)};
    return true;
}

bool exports_roomcast_plugin_message_on_message(
    message_types_connection_id_t *named, message_types_borrow_request_t request, message_list_u8_t *body,
    exports_roomcast_plugin_message_reply_t *reply, message_types_rejection_t *rejection) {
    rc_connection connection;
    if (named != NULL) connection = RC_LIFT_CONNECTION(*named);
    rc_answer answer = on_message(
        named == NULL ? NULL : &connection, rc_request_begin(request.__handle), (rc_body){RC_LIFT(*body)});
    bool is_reply = reply_out(answer, reply, rejection);
    rc_request_end();
    rc_hook_end();
    return is_reply;
}
