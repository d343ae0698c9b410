/**
 * The hooks. Name those that you define in `RC_HOOKS`, once, before you define them:
 *
 *     RC_HOOKS(on_connect, on_message)
 *
 * The component then exports exactly these. Hooks that are not named cost nothing. Mistakes are compile or link errors: an
 * unknown name ("unknown type name 'RC_HOOK_on_conect'"), a hook that is named but not defined ("undefined symbol:
 * on_message"), one that is defined but not named ("no previous prototype for function 'on_timer'"), and wrong parameters
 * ("conflicting types for 'on_connect'").
 */
#ifndef ROOMCAST_HOOKS_H
#define ROOMCAST_HOOKS_H

#include "answer.h"
#include "fetch.h"
#include "request.h"
#include "types.h"

#ifndef __cplusplus

/**
 * Declare and export the hooks of this plugin. After this a function that is neither `static` nor declared is an error, since
 * it is probably a hook with a misspelled name.
 */
#define RC_HOOKS(...) _Pragma("clang diagnostic error \"-Wmissing-prototypes\"") RC_EACH(__VA_ARGS__)

/**
 * Called once per instance, before any other hook: read the settings, set timers. Any answer other than `rc_ok` makes the load
 * fail; its text is reported to the operator.
 */
#define RC_HOOK_on_init RC_LINK(lifecycle) rc_answer on_init(void);

/**
 * A client requests a stream. Called before the response's head is sent. The connection is already in the auto-join room, and
 * events sent to it from here follow the head. `rc_ok` accepts it.
 */
#define RC_HOOK_on_connect \
    RC_LINK(connect) rc_answer on_connect(rc_connection connection, rc_request request);

/**
 * A stream has ended. Called exactly once for each connection that this plugin accepted. It has left all its rooms and takes no
 * more events; its tag can still be read.
 */
#define RC_HOOK_on_disconnect \
    RC_LINK(disconnect) void on_disconnect(rc_connection connection, rc_disconnect_reason reason);

/**
 * A client or the API requests a join. `rc_ok` allows it. Not called for joins of plugins.
 */
#define RC_HOOK_on_join                                                \
    RC_LINK(room) rc_answer on_join(rc_connection connection, rc_text room); \
    rc_answer rc_join_or_default(rc_connection connection, rc_text room);    \
    rc_answer rc_join_or_default(rc_connection connection, rc_text room) { return on_join(connection, room); }

/** A connection has left a room, through the API or because it ended; then `on_disconnect` follows. */
#define RC_HOOK_on_leave                                             \
    RC_LINK(room) void on_leave(rc_connection connection, rc_text room);   \
    void rc_leave_or_default(rc_connection connection, rc_text room);      \
    void rc_leave_or_default(rc_connection connection, rc_text room) { on_leave(connection, room); }

/** An event is published from outside. Called before it is delivered. */
#define RC_HOOK_on_publish \
    RC_LINK(publish) rc_verdict on_publish(rc_text room, rc_event event, rc_origin origin);

/**
 * A client posts a message. `connection` is the open stream that the client named, or NULL. In a chain, plugins are called in
 * order until one answers with something other than `rc_pass`. `body` has the bytes as the client sent them.
 */
#define RC_HOOK_on_message \
    RC_LINK(message) rc_answer on_message(const rc_connection *connection, rc_request request, rc_body body);

/** A timer has fired; `token` is the one that was passed when it was set. */
#define RC_HOOK_on_timer RC_LINK(timer) void on_timer(rc_text token);

/*
 * The answer to a fetch, with the fetch's token. The calls for one fetch come in order: `on_fetch_response` once,
 * `on_fetch_chunk` for each chunk, `on_fetch_end` once. A fetch that fails early gets `on_fetch_end` alone. You may leave out
 * any of the three.
 */

/** The head of the answer has arrived. */
#define RC_HOOK_on_fetch_response                                                                         \
    RC_LINK(fetch_events) void on_fetch_response(rc_text token, const rc_fetch_response *response);       \
    void rc_fetch_response_or_default(rc_text token, const rc_fetch_response *response);                  \
    void rc_fetch_response_or_default(rc_text token, const rc_fetch_response *response) {                 \
        on_fetch_response(token, response);                                                               \
    }

/** A chunk of the answer's body has arrived, at most 64 KiB. Chunks never split a character of UTF-8. */
#define RC_HOOK_on_fetch_chunk                                                         \
    RC_LINK(fetch_events) void on_fetch_chunk(rc_text token, rc_body chunk);           \
    void rc_fetch_chunk_or_default(rc_text token, rc_body chunk);                      \
    void rc_fetch_chunk_or_default(rc_text token, rc_body chunk) { on_fetch_chunk(token, chunk); }

/**
 * The answer is complete (`outcome.kind` is `RC_OK`), or the fetch has failed and `outcome` says why. Not called after
 * `rc_fetch_cancel`.
 */
#define RC_HOOK_on_fetch_end                                                           \
    RC_LINK(fetch_events) void on_fetch_end(rc_text token, rc_error outcome);          \
    void rc_fetch_end_or_default(rc_text token, rc_error outcome);                     \
    void rc_fetch_end_or_default(rc_text token, rc_error outcome) { on_fetch_end(token, outcome); }

/**
 * Writes the state for the next instance: any bytes, at most 16 MiB. Checkpoints call it too, so the instance may continue
 * to serve afterwards. Any answer other than `rc_ok` refuses the new version, or leaves the last checkpoint as it is; its text is
 * reported to the operator. Requires `on_restore`.
 */
#define RC_HOOK_on_save RC_LINK(state) rc_answer on_save(rc_text *state);

/**
 * Takes over the state of the previous instance, which may be of an older or newer version. Called after `on_init`. Any answer
 * other than `rc_ok` refuses the new version; its text is reported to the operator.
 */
#define RC_HOOK_on_restore RC_LINK(state) rc_answer on_restore(rc_text state);

/* A reference to the object file that exports the hook makes the linker include it. */
#define RC_LINK(hook)                   \
    extern const char rc_hook_##hook;   \
    __attribute__((used)) static const char *const RC_JOINED(rc_uses_##hook##_, __COUNTER__) = &rc_hook_##hook;

#define RC_JOINED(one, other) RC_JOINED_(one, other)
#define RC_JOINED_(one, other) one##other
#define RC_EACH(...) RC_COUNTED(__VA_ARGS__, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)(__VA_ARGS__)
#define RC_COUNTED(a, b, c, d, e, f, g, h, i, j, k, l, m, count, ...) RC_EACH_##count
#define RC_EACH_1(name) RC_HOOK_##name
#define RC_EACH_2(name, ...) RC_HOOK_##name RC_EACH_1(__VA_ARGS__)
#define RC_EACH_3(name, ...) RC_HOOK_##name RC_EACH_2(__VA_ARGS__)
#define RC_EACH_4(name, ...) RC_HOOK_##name RC_EACH_3(__VA_ARGS__)
#define RC_EACH_5(name, ...) RC_HOOK_##name RC_EACH_4(__VA_ARGS__)
#define RC_EACH_6(name, ...) RC_HOOK_##name RC_EACH_5(__VA_ARGS__)
#define RC_EACH_7(name, ...) RC_HOOK_##name RC_EACH_6(__VA_ARGS__)
#define RC_EACH_8(name, ...) RC_HOOK_##name RC_EACH_7(__VA_ARGS__)
#define RC_EACH_9(name, ...) RC_HOOK_##name RC_EACH_8(__VA_ARGS__)
#define RC_EACH_10(name, ...) RC_HOOK_##name RC_EACH_9(__VA_ARGS__)
#define RC_EACH_11(name, ...) RC_HOOK_##name RC_EACH_10(__VA_ARGS__)
#define RC_EACH_12(name, ...) RC_HOOK_##name RC_EACH_11(__VA_ARGS__)
#define RC_EACH_13(name, ...) RC_HOOK_##name RC_EACH_12(__VA_ARGS__)

#endif
#endif
