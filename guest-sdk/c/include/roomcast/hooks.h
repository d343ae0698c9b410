/**
 * The hooks. Name those that you define in `RC_HOOKS`, once, before you define them:
 *
 *     RC_HOOKS(on_connect, on_message)
 *
 * The component then exports these and no others; a hook that is not named costs nothing. What goes wrong is an error:
 * a name that is no hook ("unknown type name 'RC_HOOK_on_conect'"), one that is named and not defined ("undefined
 * symbol: on_message"), one that is defined and not named ("no previous prototype for function 'on_timer'"), and other
 * parameters than here ("conflicting types for 'on_connect'").
 */
#ifndef ROOMCAST_HOOKS_H
#define ROOMCAST_HOOKS_H

#include "answer.h"
#include "fetch.h"
#include "types.h"

#ifndef __cplusplus

/**
 * Declare the hooks of this plugin, and have them exported. From here on a function that is neither `static` nor
 * declared is an error, since it is most likely a hook with a slip in its name.
 */
#define RC_HOOKS(...) _Pragma("clang diagnostic error \"-Wmissing-prototypes\"") RC_EACH(__VA_ARGS__)

/**
 * Called once for each instance, before any other hook: read the settings, set timers. An answer other than `rc_ok`
 * refuses the load, and its text is shown.
 */
#define RC_HOOK_on_init RC_LINK(lifecycle) rc_answer on_init(void);

/**
 * A client wants a stream. Called before the head of the answer goes out; the connection is already in the auto-join
 * room, and what is sent to it here follows right after the head. `rc_ok` lets it in.
 */
#define RC_HOOK_on_connect \
    RC_LINK(connect) rc_answer on_connect(rc_connection connection, const rc_request *request);

/**
 * A stream has ended. Called exactly once for every connection that this plugin has let in. It is in no room any more
 * and takes no events; its tag can still be read.
 */
#define RC_HOOK_on_disconnect \
    RC_LINK(disconnect) void on_disconnect(rc_connection connection, rc_disconnect_reason reason);

/**
 * Somebody other than a plugin wants to put a connection into a room (a client by its request, or the API). `rc_ok`
 * allows it.
 */
#define RC_HOOK_on_join                                                \
    RC_LINK(room) rc_answer on_join(rc_connection connection, rc_text room); \
    rc_answer rc_join_or_default(rc_connection connection, rc_text room);    \
    rc_answer rc_join_or_default(rc_connection connection, rc_text room) { return on_join(connection, room); }

/** A connection has left a room, because of the API or because it ended (then before `on_disconnect`). */
#define RC_HOOK_on_leave                                             \
    RC_LINK(room) void on_leave(rc_connection connection, rc_text room);   \
    void rc_leave_or_default(rc_connection connection, rc_text room);      \
    void rc_leave_or_default(rc_connection connection, rc_text room) { on_leave(connection, room); }

/** An event is published from outside. Called before it is delivered. */
#define RC_HOOK_on_publish \
    RC_LINK(publish) rc_verdict on_publish(rc_text room, rc_event event, rc_origin origin);

/**
 * A client posts a message. `connection` is NULL unless the client named its stream; then it is open. The plugins
 * of a chain are asked in order, until one answers with something else than `rc_pass`.
 */
#define RC_HOOK_on_message \
    RC_LINK(message) rc_answer on_message(const rc_connection *connection, const rc_request *request, rc_body body);

/** A timer has fired, with the token that it was set with. */
#define RC_HOOK_on_timer RC_LINK(timer) void on_timer(rc_text token);

/*
 * What a fetch brings, by the token that it was started with. The calls for one fetch come in order: `on_fetch_response`
 * once, `on_fetch_chunk` for each piece, `on_fetch_end` once; or `on_fetch_end` alone. Leave out what you do not need of
 * the three.
 */

/** The head of the answer has come. */
#define RC_HOOK_on_fetch_response                                                                         \
    RC_LINK(fetch_events) void on_fetch_response(rc_text token, const rc_fetch_response *response);       \
    void rc_fetch_response_or_default(rc_text token, const rc_fetch_response *response);                  \
    void rc_fetch_response_or_default(rc_text token, const rc_fetch_response *response) {                 \
        on_fetch_response(token, response);                                                               \
    }

/** A piece of the answer's body has come, at most 64 KiB of it. In text a character is never cut in two. */
#define RC_HOOK_on_fetch_chunk                                                         \
    RC_LINK(fetch_events) void on_fetch_chunk(rc_text token, rc_body chunk);           \
    void rc_fetch_chunk_or_default(rc_text token, rc_body chunk);                      \
    void rc_fetch_chunk_or_default(rc_text token, rc_body chunk) { on_fetch_chunk(token, chunk); }

/**
 * The answer is there as a whole (`outcome.kind` is `RC_OK`), or nothing more will come, and why. Not called after
 * `rc_fetch_cancel`.
 */
#define RC_HOOK_on_fetch_end                                                           \
    RC_LINK(fetch_events) void on_fetch_end(rc_text token, rc_error outcome);          \
    void rc_fetch_end_or_default(rc_text token, rc_error outcome);                     \
    void rc_fetch_end_or_default(rc_text token, rc_error outcome) { on_fetch_end(token, outcome); }

/**
 * The state, for the instance that takes over; any bytes, at most 16 MiB. The instance may go on afterwards: it is asked
 * for checkpoints, too. Needs `on_restore` beside it.
 */
#define RC_HOOK_on_save RC_LINK(state) rc_text on_save(void);

/**
 * Take over the state of the instance before, which may be one of an older or newer version. Called after `on_init`. An
 * answer other than `rc_ok` refuses the new version, and its text is shown.
 */
#define RC_HOOK_on_restore RC_LINK(state) rc_answer on_restore(rc_text state);

/* A reference to the part of the SDK that exports the hook is what makes the linker take it in. */
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
