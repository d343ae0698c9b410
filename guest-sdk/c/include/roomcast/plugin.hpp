/** The hooks, and what makes a component of them. */
#pragma once

#include <new>
#include <type_traits>

#include "connection.hpp"
#include "fetch.hpp"
#include "request.hpp"
#include "response.hpp"

namespace roomcast {

/**
 * A plugin: derive from it, override the hooks that you need, always with `override`, and name it in `ROOMCAST_PLUGIN`.
 * A hook that is not overridden is not exported, and costs nothing. The host calls the hooks of one instance one after
 * the other, never two at once. The plugin is made before the first of them, and never destroyed.
 */
struct Plugin {
    /** Called once for each instance, before any other hook. Why not, refuses the load, and is shown. */
    virtual Outcome on_init() { return {}; }

    /**
     * A client wants a stream. Called before the head of the answer goes out; the connection is already in the auto-join
     * room, and what is sent to it here follows right after the head. `{}` lets it in.
     */
    virtual Admission on_connect(Connection, const Request &) { return {}; }

    /**
     * A stream has ended. Called exactly once for every connection that this plugin has let in. It is in no room any
     * more and takes no events; its tag can still be read.
     */
    virtual void on_disconnect(Connection, DisconnectReason) {}

    /** Somebody other than a plugin wants to put a connection into a room. `{}` allows it. */
    virtual Outcome on_join(Connection, std::string_view /*room*/) { return {}; }

    /** A connection has left a room, because of the API or because it ended (then before `on_disconnect`). */
    virtual void on_leave(Connection, std::string_view /*room*/) {}

    /** An event is published from outside. Called before it is delivered. */
    virtual Verdict on_publish(std::string_view /*room*/, const Event &, const Origin &) { return Forward{}; }

    /**
     * A client posts a message. The connection is there if the client named its stream; then it is open. The
     * plugins of a chain are asked in order, until one answers with something else than `Response::pass()`.
     */
    virtual Reply on_message(std::optional<Connection>, const Request &, const Body &) { return Response::pass(); }

    /** A timer has fired, with the token that it was set with. */
    virtual void on_timer(std::string_view /*token*/) {}

    /**
     * The head of a fetch's answer has come. The calls for one fetch come in order, with the token that it was started
     * with: this one once, `on_fetch_chunk` for each piece, `on_fetch_end` once; or `on_fetch_end` alone.
     */
    virtual void on_fetch_response(std::string_view /*token*/, const fetch::Response &) {}

    /** A piece of the answer's body has come, at most 64 KiB of it. In text a character is never cut in two. */
    virtual void on_fetch_chunk(std::string_view /*token*/, const Body &) {}

    /** The answer is there as a whole, or nothing more will come, and why. Not called after `Fetch::cancel`. */
    virtual void on_fetch_end(std::string_view /*token*/, const Result<> & /*outcome*/) {}

    /**
     * The state, for the instance that takes over; any bytes, at most 16 MiB. The instance may go on afterwards. Needs
     * `on_restore` beside it.
     */
    virtual std::string on_save() { return {}; }

    /** Take over the state of the instance before, maybe of another version. Why not, refuses the new version. */
    virtual Outcome on_restore(std::string_view /*state*/) { return {}; }

protected:
    ~Plugin() = default;
};

namespace detail {

/** The one plugin of the component. */
template <typename T>
Plugin &plugin() {
    alignas(T) static char memory[sizeof(T)];
    static T *made = nullptr;
    if (made == nullptr) made = new (memory) T();
    return *made;
}

/** A text that lives until the host has read it: what the plugin returned will be gone by then. */
inline rc_text outlive(std::string_view text) {
    char *copy = static_cast<char *>(rc_allocate(text.size() + 1));
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
}

inline rc_text outlive_optional(const std::optional<std::string> &text) { return text ? outlive(*text) : RC_NONE; }

inline rc_answer answer(std::uint16_t status, std::string_view body, const Headers &headers = {}) {
    rc_answer answer = rc_respond(status, outlive(body));
    for (const auto &[name, value] : headers) answer = rc_with_header(answer, outlive(name), outlive(value));
    return answer;
}

inline rc_answer answer(const Outcome &outcome) { return outcome ? rc_ok() : answer(400, outcome.error()); }

inline rc_answer answer(const Admission &admission) {
    if (admission) return rc_ok();
    const Rejection &why = admission.error();
    return answer(why.status, why.body, why.headers);
}

inline rc_answer answer(const Reply &reply) {
    if (!reply) return answer(400, reply.error());
    rc_answer given = answer(reply->status, reply->body, reply->headers);
    given.body.is_text = !reply->is_binary;
    return given;
}

struct VerdictLowered {
    rc_verdict operator()(const Forward &) const { return rc_forward(); }
    rc_verdict operator()(const Event &event) const {
        return rc_rewrite({outlive(event.data), outlive_optional(event.event), outlive_optional(event.id), event.retry_ms});
    }
    rc_verdict operator()(const Refuse &refuse) const {
        return {.kind = rc_verdict::RC_VERDICT_REFUSE, .event = {}, .reason = outlive(refuse.reason)};
    }
};

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
rc_answer on_connect(rc_connection, const rc_request *);
void on_disconnect(rc_connection, rc_disconnect_reason);
rc_answer rc_join_or_default(rc_connection, rc_text);
void rc_leave_or_default(rc_connection, rc_text);
rc_verdict on_publish(rc_text, rc_event, rc_origin);
rc_answer on_message(const rc_connection *, const rc_request *, rc_body);
void on_timer(rc_text);
void rc_fetch_response_or_default(rc_text, const rc_fetch_response *);
void rc_fetch_chunk_or_default(rc_text, rc_body);
void rc_fetch_end_or_default(rc_text, rc_error);
rc_text on_save(void);
rc_answer on_restore(rc_text);
}

namespace roomcast::detail {

/**
 * What the component exports: a reference to the part of the SDK that exports a hook makes the linker take it in. Where
 * the hook is not overridden there is no reference, since the condition is known when this is compiled.
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
 * What the standard library does where it would throw, for example in `vector::at`, in `expected::value`, and without
 * memory: the reason goes to the log, and the instance ends. (Its own way would take in standard output.)
 */
#define ROOMCAST_ABORT                                                                            \
    void std::__libcpp_verbose_abort(const char *format, ...) noexcept  {                                \
        va_list arguments;                                                                        \
        va_start(arguments, format);                                                              \
        rc_panic_list(format, arguments);                                                         \
    }

/** Make a component of a plugin. Once, in one file, outside of any namespace. */
#define ROOMCAST_PLUGIN(...)                                                                                     \
    ROOMCAST_ABORT                                                                                               \
    __attribute__((used)) static constexpr auto &roomcast_exports = roomcast::detail::Exports<__VA_ARGS__>::hooks; \
    static roomcast::Plugin &roomcast_plugin() { return roomcast::detail::plugin<__VA_ARGS__>(); }               \
    rc_answer on_init() { return roomcast::detail::answer(roomcast_plugin().on_init()); }                        \
    rc_answer on_connect(rc_connection connection, const rc_request *request) {                                  \
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
        return std::visit(                                                                                       \
            roomcast::detail::VerdictLowered{},                                                                  \
            roomcast_plugin().on_publish(                                                                        \
                roomcast::detail::lift(room), given, {origin.is_api, roomcast::detail::lift(origin.detail)}));   \
    }                                                                                                            \
    rc_answer on_message(const rc_connection *connection, const rc_request *request, rc_body body) {             \
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
    rc_text on_save() { return roomcast::detail::outlive(roomcast_plugin().on_save()); }                         \
    rc_answer on_restore(rc_text state) {                                                                        \
        return roomcast::detail::answer(roomcast_plugin().on_restore(roomcast::detail::lift(state)));            \
    }
