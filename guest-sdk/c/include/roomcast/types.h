/** The nouns: connections, events, requests. */
#ifndef ROOMCAST_TYPES_H
#define ROOMCAST_TYPES_H

#include "text.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * One open event stream, by its id.
 *
 * Plain data of 16 bytes: store it, copy it, use it as a key. It stays valid when the plugin is replaced; calls answer
 * `RC_NO_SUCH_CONNECTION` once the stream has ended. As text it is a UUID. Whoever knows that may post messages in the
 * connection's name, so treat it like a session token.
 */
typedef struct rc_connection {
    uint8_t bytes[16];
} rc_connection;

/** The id as text, for example `0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77`. Valid until the hook returns. */
rc_text rc_connection_text(rc_connection connection);

/** Read an id. False, and nothing is written, when the text is none. */
bool rc_connection_parse(rc_text text, rc_connection *connection);

/** Less than, equal to, or greater than 0: the order of the bytes, which says nothing about who came first. */
int rc_connection_compare(rc_connection one, rc_connection other);

/**
 * One server-sent event. Leave out what you do not need:
 *
 *     rc_send(connection, (rc_event){.data = RC("hello"), .event = RC("chat")})
 */
typedef struct rc_event {
    /** The payload. Each CR, LF or CRLF in it ends a line; the receiver sees the lines joined by LF. */
    rc_text data;
    /** The event's type, what `addEventListener` listens to; none means `message`. No CR, LF or NUL. */
    rc_text event;
    /** The client's new last event id. Empty resets it. Characters `A-Z a-z 0-9 . _ -`, at most 128. */
    rc_text id;
    /** How long the client waits before it reconnects, in milliseconds, at least 500; 0 for no change. */
    uint32_t retry_ms;
} rc_event;

/** An event of a type: `rc_event_named("chat", text)`. */
static inline rc_event rc_event_named(rc_text event, rc_text data) {
    return (rc_event){data, event, RC_NONE, 0};
}

/** One header, name in lower case. */
typedef struct rc_header {
    rc_text name;
    rc_text value;
} rc_header;

/** The head of a client's HTTP request. */
typedef struct rc_request {
    /** The method, for example `GET`. */
    rc_text method;
    /** The path without the query, for example `/sse`. */
    rc_text path;
    /** What follows the `?`, percent-encoded; none without one. `rc_parameter` reads it. */
    rc_text query;
    /** All headers in the order in which they came. `rc_header_of` finds one. */
    const rc_header *headers;
    size_t header_count;
    /** The address of the peer, for example `127.0.0.1:51234`. */
    rc_text peer;
    /** The id of the last event that a reconnecting client has seen; none otherwise. */
    rc_text last_event_id;
} rc_request;

/** The first header of this name, in whatever case the name is given; none without one. */
rc_text rc_header_of(const rc_request *request, rc_text name);

/**
 * The first query parameter of this name, decoded: `+` is a space, `%XX` a byte, and what is not UTF-8 then becomes
 * U+FFFD. None without one. Valid until the hook returns.
 */
rc_text rc_parameter(const rc_request *request, rc_text name);

/** All query parameters in their order, names and values decoded as by `rc_parameter`. */
void rc_parameters(const rc_request *request, const rc_header **parameters, size_t *count);

/** What a message carries. */
typedef struct rc_body {
    /** The bytes, whatever they are. */
    rc_text bytes;
    /** Whether they are UTF-8. */
    bool is_text;
} rc_body;

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
    /** A value that this version of the contract does not name. */
    RC_OTHER_REASON,
} rc_disconnect_reason;

/** The reason's name in logs, metrics and the API, for example `slow-consumer`. */
const char *rc_reason_name(rc_disconnect_reason reason);

/** Where a published event comes from. */
typedef struct rc_origin {
    /** Whether it came by the HTTP API; otherwise by something that this version has no name for. */
    bool is_api;
    /** The publisher's address, or what the other origin says of itself. */
    rc_text detail;
} rc_origin;

#ifdef __cplusplus
}
#else
#define rc_event_named(event, data) (rc_event_named)(RC_TEXT(event), RC_TEXT(data))
#define rc_header_of(request, name) (rc_header_of)(request, RC_TEXT(name))
#define rc_parameter(request, name) (rc_parameter)(request, RC_TEXT(name))
#define rc_connection_parse(text, connection) (rc_connection_parse)(RC_TEXT(text), connection)
#endif
#endif
