#include "adapter.h"
#include "../../bindings/fetch_events.c"

const char rc_hook_fetch_events = 1;
DEFINE_HEADERS_IN(exports_roomcast_plugin_fetch_events_list_header_t)

typedef exports_roomcast_plugin_fetch_events_failure_t failure;

/* The three functions of this hook come together; a plugin may leave out some. */
__attribute__((weak)) void rc_fetch_response_or_default(rc_text token, const rc_fetch_response *response);
__attribute__((weak)) void rc_fetch_chunk_or_default(rc_text token, rc_body chunk);
__attribute__((weak)) void rc_fetch_end_or_default(rc_text token, rc_error outcome);

void rc_fetch_response_or_default(rc_text token, const rc_fetch_response *response) { (void)token, (void)response; }

void rc_fetch_chunk_or_default(rc_text token, rc_body chunk) { (void)token, (void)chunk; }

void rc_fetch_end_or_default(rc_text token, rc_error outcome) { (void)token, (void)outcome; }

static rc_error failure_in(const failure *why) {
    switch (why->tag) {
    case EXPORTS_ROOMCAST_PLUGIN_FETCH_EVENTS_FAILURE_DENIED:
        return (rc_error){.kind = RC_DENIED, .reason = RC_LIFT(why->val.denied)};
    case EXPORTS_ROOMCAST_PLUGIN_FETCH_EVENTS_FAILURE_UNREACHABLE:
        return (rc_error){.kind = RC_UNREACHABLE, .reason = RC_LIFT(why->val.unreachable)};
    case EXPORTS_ROOMCAST_PLUGIN_FETCH_EVENTS_FAILURE_BROKEN:
        return (rc_error){.kind = RC_BROKEN, .reason = RC_LIFT(why->val.broken)};
    case EXPORTS_ROOMCAST_PLUGIN_FETCH_EVENTS_FAILURE_LIMIT_EXCEEDED:
        return (rc_error){
            RC_LIMIT_EXCEEDED, RC_LIFT(why->val.limit_exceeded.key), RC_LIFT(why->val.limit_exceeded.reason)};
    case EXPORTS_ROOMCAST_PLUGIN_FETCH_EVENTS_FAILURE_CONNECTION_CLOSED: return (rc_error){.kind = RC_CONNECTION_CLOSED};
    case EXPORTS_ROOMCAST_PLUGIN_FETCH_EVENTS_FAILURE_INTERRUPTED: return (rc_error){.kind = RC_INTERRUPTED};
    default: return (rc_error){.kind = RC_OTHER, .reason = RC_LIFT(why->val.other)};
    }
}

void exports_roomcast_plugin_fetch_events_on_response(
    fetch_events_string_t *token, uint16_t status, exports_roomcast_plugin_fetch_events_list_header_t *headers) {
    rc_fetch_response response = {status, headers_in(headers), headers->len};
    rc_fetch_response_or_default(RC_LIFT(*token), &response);
    rc_hook_end();
}

void exports_roomcast_plugin_fetch_events_on_chunk(
    fetch_events_string_t *token, fetch_events_list_u8_t *chunk) {
    rc_fetch_chunk_or_default(RC_LIFT(*token), (rc_body){RC_LIFT(*chunk)});
    rc_hook_end();
}

void exports_roomcast_plugin_fetch_events_on_end(
    fetch_events_string_t *token, exports_roomcast_plugin_fetch_events_result_void_failure_t *outcome) {
    rc_error error = {0};
    if (outcome->is_err) error = failure_in(&outcome->val.err);
    rc_fetch_end_or_default(RC_LIFT(*token), error);
    rc_hook_end();
}
