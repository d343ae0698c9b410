#include "internal.h"
#include "../bindings/capabilities.h"

static capabilities_string_t text_of(rc_text text) {
    text = rc_utf8(text);
    return RC_LOWER(capabilities_string_t, text);
}

/** In lower case, as the contract has names. */
static capabilities_string_t name_of(rc_text name) { return text_of(rc_lower_case(name)); }

static rc_error error_of(bool ok, const capabilities_types_error_t *error) {
    if (ok) return (rc_error){0};
    switch (error->tag) {
    case CAPABILITIES_TYPES_ERROR_NO_SUCH_CONNECTION: return (rc_error){.kind = RC_NO_SUCH_CONNECTION};
    case CAPABILITIES_TYPES_ERROR_CLOSED: return (rc_error){.kind = RC_CLOSED};
    case CAPABILITIES_TYPES_ERROR_INVALID_ARGUMENT:
        return (rc_error){
            RC_INVALID_ARGUMENT,
            RC_LIFT(error->val.invalid_argument.argument),
            RC_LIFT(error->val.invalid_argument.reason),
        };
    case CAPABILITIES_TYPES_ERROR_LIMIT_EXCEEDED:
        return (rc_error){
            RC_LIMIT_EXCEEDED,
            RC_LIFT(error->val.limit_exceeded.key),
            RC_LIFT(error->val.limit_exceeded.reason),
        };
    case CAPABILITIES_TYPES_ERROR_NOT_PERMITTED:
        return (rc_error){.kind = RC_NOT_PERMITTED, .subject = RC_LIFT(error->val.not_permitted)};
    default: return (rc_error){.kind = RC_OTHER, .reason = RC_LIFT(error->val.other)};
    }
}

rc_error (rc_fetch_start)(rc_fetch_request request, rc_text token, rc_fetch *fetch) {
    capabilities_types_header_t *headers = rc_allocate(request.header_count * sizeof(capabilities_types_header_t));
    for (size_t index = 0; index < request.header_count; index++) {
        headers[index] = (capabilities_types_header_t){
            name_of(request.headers[index].name), text_of(request.headers[index].value)};
    }
    roomcast_plugin_fetch_outgoing_t outgoing = {
        .method = text_of(rc_is_none(request.method) ? RC("GET") : request.method),
        .url = text_of(request.url),
        .headers = {headers, request.header_count},
        .body = RC_LOWER(capabilities_list_u8_t, request.body),
        .timeout_ms = {request.timeout_ms != 0, request.timeout_ms},
    };
    if (request.connection != NULL) {
        outgoing.connection.is_some = true;
        outgoing.connection.val = RC_LOWER_CONNECTION(capabilities_types_connection_id_t, *request.connection);
    }
    capabilities_string_t text = text_of(token);
    uint64_t ignored;
    capabilities_types_error_t error;
    bool ok = roomcast_plugin_fetch_start(&outgoing, &text, fetch == NULL ? &ignored : &fetch->id, &error);
    return error_of(ok, &error);
}

bool rc_fetch_cancel(rc_fetch fetch) { return roomcast_plugin_fetch_cancel(fetch.id); }

rc_text (rc_fetch_header_of)(const rc_fetch_response *response, rc_text name) {
    return rc_find_header(response->headers, response->header_count, name);
}
