/** The hooks, and their export. */
#pragma once

#include <new>
#include <type_traits>

#include "connection.hpp"
#include "fetch.hpp"
#include "request.hpp"
#include "response.hpp"

namespace roomcast {

/**
 * A plugin: derive from it, override the hooks that you need, always with `override`, and name it in `ROOMCAST_PLUGIN`. Hooks
 * that are not overridden are not exported, and cost nothing. Calls into one instance are serial. The plugin is constructed
 * before the first of them, and never destroyed.
 */
struct Plugin {
    /** Called once per instance, before any other hook. An error makes the load fail; its text is reported to the operator. */
    virtual Outcome on_init() { return {}; }

    /**
     * A client requests a stream. Called before the response's head is sent. The connection is already in the auto-join
     * room, and events sent to it from here follow the head. `{}` accepts it.
     */
    virtual Outcome on_connect(Connection, const Request &) { return {}; }

    /**
     * A stream has ended. Called exactly once for each connection that this plugin accepted. It has left all its rooms and
     * takes no more events; its tag can still be read.
     */
    virtual void on_disconnect(Connection, DisconnectReason) {}

    /** A client or the API requests a join. `{}` allows it. Not called for joins of plugins. */
    virtual Outcome on_join(Connection, std::string_view /*room*/) { return {}; }

    /** A connection has left a room, through the API or because it ended; then `on_disconnect` follows. */
    virtual void on_leave(Connection, std::string_view /*room*/) {}

    /** An event is published from outside. Called before it is delivered. */
    virtual Verdict on_publish(std::string_view /*room*/, const Event &, const Origin &) { return Forward{}; }

    /**
     * A client posts a message. The connection is the open stream that the client named, or none. In a chain, plugins are
     * called in order until one answers with something other than `Pass{}`.
     */
    virtual Reply on_message(std::optional<Connection>, const Request &, const Body &) { return Pass{}; }

    /** A timer has fired; `token` is the one that was passed when it was set. */
    virtual void on_timer(std::string_view /*token*/) {}

    /**
     * The head of a fetch's answer has arrived. The calls for one fetch come in order, with its token: this one once,
     * `on_fetch_chunk` for each chunk, `on_fetch_end` once. A fetch that fails early gets `on_fetch_end` alone.
     */
    virtual void on_fetch_response(std::string_view /*token*/, const fetch::Response &) {}

    /** A chunk of the answer's body has arrived, at most 64 KiB. Chunks never split a character of UTF-8. */
    virtual void on_fetch_chunk(std::string_view /*token*/, const Body &) {}

    /** The answer is complete, or the fetch has failed and `outcome` says why. Not called after `Fetch::cancel`. */
    virtual void on_fetch_end(std::string_view /*token*/, const Result<> & /*outcome*/) {}

    /**
     * Returns the state for the next instance: any bytes, at most 16 MiB. The instance may continue to serve afterwards.
     * An error refuses the new version, or leaves the last checkpoint as it is. Requires `on_restore`.
     */
    virtual Saved on_save() { return {}; }

    /** Takes over the state of the previous instance, perhaps of another version. An error refuses the new version. */
    virtual Outcome on_restore(std::string_view /*state*/) { return {}; }

protected:
    ~Plugin() = default;
};

namespace detail {

/** The component's plugin. */
template <typename T>
Plugin &plugin() {
    alignas(T) static char memory[sizeof(T)];
    static T *made = nullptr;
    if (made == nullptr) made = new (memory) T();
    return *made;
}

/** A copy of a result that lives until the host has read it. */
inline rc_text outlive(std::string_view text) {
    char *copy = static_cast<char *>(rc_allocate(text.size() + 1));
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
}

inline rc_text outlive_optional(const std::optional<std::string> &text) { return text ? outlive(*text) : RC_NONE; }

inline rc_answer with_headers(rc_answer answer, const Headers &headers) {
    for (const auto &[name, value] : headers) answer = rc_with_header(answer, outlive(name), outlive(value));
    return answer;
}

inline rc_answer answer(const Rejection &why) {
    if (!why.failure.empty()) {
        return {RC_ANSWER_FAILURE, why.status, {}, 0, outlive(why.failure)};
    }
    return with_headers({RC_ANSWER_REJECTION, why.status, {}, 0, outlive(why.body)}, why.headers);
}

inline rc_answer answer(const Outcome &outcome) { return outcome ? rc_ok() : answer(outcome.error()); }

struct ReplyLowered {
    rc_answer operator()(const Pass &) const { return rc_pass(); }
    rc_answer operator()(const Response &response) const {
        rc_text body = outlive(response.body);
        rc_answer given = response.is_binary ? rc_respond_bytes(response.status, body) : rc_respond(response.status, body);
        return with_headers(given, response.headers);
    }
};

inline rc_answer answer(const Reply &reply) {
    return reply ? std::visit(ReplyLowered{}, *reply) : answer(reply.error());
}

struct VerdictLowered {
    rc_verdict operator()(const Forward &) const { return rc_forward(); }
    rc_verdict operator()(const Event &event) const {
        return rc_rewrite({outlive(event.data), outlive_optional(event.event), outlive_optional(event.id), event.retry_ms});
    }
};

inline rc_verdict verdict(const Verdict &verdict) {
    return verdict ? std::visit(VerdictLowered{}, *verdict) : rc_refuse_with(answer(verdict.error()));
}

inline rc_answer answer(const Saved &saved, rc_text *state) {
    if (!saved) return answer(saved.error());
    *state = outlive(*saved);
    return rc_ok();
}

/** Whether T, or a class between it and `Plugin`, overrides a hook: then the hook is a member of that class. */
template <typename Member>
inline constexpr bool is_overridden = true;
template <typename R, typename... A>
inline constexpr bool is_overridden<R (Plugin::*)(A...)> = false;

}  // namespace detail
}  // namespace roomcast

extern "C" {
extern const char rc_hook_lifecycle, rc_hook_connect, rc_hook_disconnect, rc_hook_room, rc_hook_publish, rc_hook_message,
    rc_hook_timer, rc_hook_fetch_events, rc_hook_state;
rc_answer on_init(void);
rc_answer on_connect(rc_connection, rc_request);
void on_disconnect(rc_connection, rc_disconnect_reason);
rc_answer rc_join_or_default(rc_connection, rc_text);
void rc_leave_or_default(rc_connection, rc_text);
rc_verdict on_publish(rc_text, rc_event, rc_origin);
rc_answer on_message(const rc_connection *, rc_request, rc_body);
void on_timer(rc_text);
void rc_fetch_response_or_default(rc_text, const rc_fetch_response *);
void rc_fetch_chunk_or_default(rc_text, rc_body);
void rc_fetch_end_or_default(rc_text, rc_error);
rc_answer on_save(rc_text *);
rc_answer on_restore(rc_text);
}

namespace roomcast::detail {

/**
 * The component's exports: a reference to the object file that exports a hook makes the linker include it. For a hook that is
 * not overridden there is no reference, since the condition is known at compile time.
 */
template <typename T>
struct Exports {
#define ROOMCAST_OVERRIDES(hook) is_overridden<decltype(&T::hook)>
    static_assert(std::is_base_of_v<Plugin, T>, "a plugin derives from roomcast::Plugin, publicly");
    static constexpr bool overrides_a_fetch_hook = ROOMCAST_OVERRIDES(on_fetch_response) ||
        ROOMCAST_OVERRIDES(on_fetch_chunk) || ROOMCAST_OVERRIDES(on_fetch_end);
    static constexpr bool overrides_a_hook =
        ROOMCAST_OVERRIDES(on_init) || ROOMCAST_OVERRIDES(on_connect) || ROOMCAST_OVERRIDES(on_disconnect) ||
        ROOMCAST_OVERRIDES(on_join) || ROOMCAST_OVERRIDES(on_leave) || ROOMCAST_OVERRIDES(on_publish) ||
        ROOMCAST_OVERRIDES(on_message) || ROOMCAST_OVERRIDES(on_timer) || overrides_a_fetch_hook ||
        ROOMCAST_OVERRIDES(on_save);
    static constexpr bool saves_and_restores = ROOMCAST_OVERRIDES(on_save) == ROOMCAST_OVERRIDES(on_restore);
    static_assert(overrides_a_hook, "this plugin overrides no hook of roomcast::Plugin, so it would never be called");
    static_assert(saves_and_restores, "on_save and on_restore belong together: override both or neither");
    static constexpr const char *hooks[] = {
        ROOMCAST_OVERRIDES(on_init) ? &rc_hook_lifecycle : nullptr,
        ROOMCAST_OVERRIDES(on_connect) ? &rc_hook_connect : nullptr,
        ROOMCAST_OVERRIDES(on_disconnect) ? &rc_hook_disconnect : nullptr,
        ROOMCAST_OVERRIDES(on_join) || ROOMCAST_OVERRIDES(on_leave) ? &rc_hook_room : nullptr,
        ROOMCAST_OVERRIDES(on_publish) ? &rc_hook_publish : nullptr,
        ROOMCAST_OVERRIDES(on_message) ? &rc_hook_message : nullptr,
        ROOMCAST_OVERRIDES(on_timer) ? &rc_hook_timer : nullptr,
        overrides_a_fetch_hook ? &rc_hook_fetch_events : nullptr,
        ROOMCAST_OVERRIDES(on_save) ? &rc_hook_state : nullptr,
    };
#undef ROOMCAST_OVERRIDES
};

}  // namespace roomcast::detail

/**
 * Called by the standard library instead of throwing, for example in `vector::at`, in `expected::value` and when out of memory:
 * logs the reason and ends the instance. (The default would link standard output.)
 */
#define ROOMCAST_ABORT                                                                            \
    void std::__libcpp_verbose_abort(const char *format, ...) noexcept  {                                \
        va_list arguments;                                                                        \
        va_start(arguments, format);                                                              \
        rc_panic_list(format, arguments);                                                         \
    }

/** Export a plugin as a component. Use it once, in one file, outside any namespace. */
#define ROOMCAST_PLUGIN(...)                                                                                     \
    ROOMCAST_ABORT                                                                                               \
    __attribute__((used)) static constexpr auto &roomcast_exports = roomcast::detail::Exports<__VA_ARGS__>::hooks; \
    static roomcast::Plugin &roomcast_plugin() { return roomcast::detail::plugin<__VA_ARGS__>(); }               \
    rc_answer on_init() { return roomcast::detail::answer(roomcast_plugin().on_init()); }                        \
    rc_answer on_connect(rc_connection connection, rc_request request) {                                         \
        return roomcast::detail::answer(                                                                         \
            roomcast_plugin().on_connect(roomcast::Connection(connection), roomcast::Request(request)));         \
    }                                                                                                            \
    void on_disconnect(rc_connection connection, rc_disconnect_reason reason) {                                  \
        roomcast_plugin().on_disconnect(roomcast::Connection(connection), reason);                               \
    }                                                                                                            \
    rc_answer rc_join_or_default(rc_connection connection, rc_text room) {                                       \
        return roomcast::detail::answer(                                                                         \
            roomcast_plugin().on_join(roomcast::Connection(connection), roomcast::detail::lift(room)));          \
    }                                                                                                            \
    void rc_leave_or_default(rc_connection connection, rc_text room) {                                           \
        roomcast_plugin().on_leave(roomcast::Connection(connection), roomcast::detail::lift(room));              \
    }                                                                                                            \
    rc_verdict on_publish(rc_text room, rc_event event, rc_origin origin) {                                      \
        roomcast::Event given = roomcast::detail::own(event);                                                    \
        return roomcast::detail::verdict(roomcast_plugin().on_publish(                                           \
            roomcast::detail::lift(room), given, {origin.is_api, roomcast::detail::lift(origin.detail)}));       \
    }                                                                                                            \
    rc_answer on_message(const rc_connection *connection, rc_request request, rc_body body) {                    \
        return roomcast::detail::answer(roomcast_plugin().on_message(                                            \
            connection == nullptr ? std::nullopt : std::optional(roomcast::Connection(*connection)),             \
            roomcast::Request(request), roomcast::Body(body)));                                                  \
    }                                                                                                            \
    void on_timer(rc_text token) { roomcast_plugin().on_timer(roomcast::detail::lift(token)); }                  \
    void rc_fetch_response_or_default(rc_text token, const rc_fetch_response *response) {                        \
        roomcast_plugin().on_fetch_response(roomcast::detail::lift(token), roomcast::fetch::Response(response)); \
    }                                                                                                            \
    void rc_fetch_chunk_or_default(rc_text token, rc_body chunk) {                                               \
        roomcast_plugin().on_fetch_chunk(roomcast::detail::lift(token), roomcast::Body(chunk));                  \
    }                                                                                                            \
    void rc_fetch_end_or_default(rc_text token, rc_error outcome) {                                              \
        roomcast_plugin().on_fetch_end(roomcast::detail::lift(token), roomcast::detail::result(outcome));        \
    }                                                                                                            \
    rc_answer on_save(rc_text *state) { return roomcast::detail::answer(roomcast_plugin().on_save(), state); }   \
    rc_answer on_restore(rc_text state) {                                                                        \
        return roomcast::detail::answer(roomcast_plugin().on_restore(roomcast::detail::lift(state)));            \
    }
