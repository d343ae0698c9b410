/** Shared types: connections, events, headers. */
#ifndef ROOMCAST_TYPES_H
#define ROOMCAST_TYPES_H

#include "text.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The id of an open event stream.
 *
 * Plain data of 16 bytes: store it, copy it, use it as a key. It stays valid when the plugin is replaced; calls return
 * `RC_NO_SUCH_CONNECTION` once the stream has ended. Its text form is a UUID. Anyone who knows it can post messages as this
 * connection, so treat it like a session token.
 */
typedef struct rc_connection {
    uint8_t bytes[16];
} rc_connection;

/** The id as text, for example `0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77`. Valid until the hook returns. */
rc_text rc_connection_text(rc_connection connection);

/** Parse an id. Returns false and writes nothing if the text is not an id. */
bool rc_connection_parse(rc_text text, rc_connection *connection);

/** Less than, equal to, or greater than 0, by byte order, which does not depend on the time of connection. */
int rc_connection_compare(rc_connection one, rc_connection other);

/**
 * One server-sent event. Leave out what you do not need:
 *
 *     rc_send(connection, (rc_event){.data = RC("hello"), .event = RC("chat")})
 */
typedef struct rc_event {
    /** The payload. Each CR, LF or CRLF ends a line; the client sees the lines joined by LF. */
    rc_text data;
    /** The event's type, which clients pass to `addEventListener`; none means `message`. No CR, LF or NUL. */
    rc_text event;
    /** The client's new last event id. An empty text resets it. No control characters, at most 1 KiB. */
    rc_text id;
    /** The client's new reconnection time in milliseconds, at least 500; 0 for no change. */
    uint32_t retry_ms;
} rc_event;

/** An event of a type: `rc_event_named("chat", text)`. */
static inline rc_event rc_event_named(rc_text event, rc_text data) {
    return (rc_event){data, event, RC_NONE, 0};
}

/** One header; the name is in lower case. */
typedef struct rc_header {
    rc_text name;
    rc_text value;
} rc_header;

/** Why a connection ended. */
typedef enum rc_disconnect_reason {
    /** The client closed it, or its network failed. */
    RC_CLIENT_CLOSED,
    /** A plugin closed it. */
    RC_PLUGIN_CLOSED,
    /** An operator closed it through the API. */
    RC_OPERATOR_CLOSED,
    /** Its outbox was full. */
    RC_SLOW_CONSUMER,
    /** It accepted no bytes for longer than the write timeout. */
    RC_WRITE_TIMEOUT,
    /** It sent more bytes after its request than the host allows. */
    RC_UNEXPECTED_INPUT,
    /** A later plugin of the chain rejected it. */
    RC_REJECTED,
    /** The server is shutting down. */
    RC_SERVER_SHUTDOWN,
    /** Its request was answered completely. Not sent yet. */
    RC_ANSWERED,
    /** Its token expired. Not sent yet. */
    RC_TOKEN_EXPIRED,
    /** Its token was revoked. Not sent yet. */
    RC_REVOKED,
    /** It reached the maximum age of a stream. Not sent yet. */
    RC_MAX_AGE,
    /** A value that this version of the contract does not name. */
    RC_OTHER_REASON,
} rc_disconnect_reason;

/** The reason's name in logs, metrics and the API, for example `slow-consumer`. */
const char *rc_reason_name(rc_disconnect_reason reason);

/** Where a published event comes from. */
typedef struct rc_origin {
    /** Whether it came through the HTTP API; otherwise its origin is one that this version does not name. */
    bool is_api;
    /** The publisher's address, or the name of the other origin. */
    rc_text detail;
} rc_origin;

#ifdef __cplusplus
}
#else
#define rc_event_named(event, data) (rc_event_named)(RC_TEXT(event), RC_TEXT(data))
#define rc_connection_parse(text, connection) (rc_connection_parse)(RC_TEXT(text), connection)
#endif
#endif
