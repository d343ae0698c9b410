/** Connections: open event streams. */
#pragma once

#include <compare>
#include <cstring>
#include <functional>
#include <vector>

#include "event.hpp"

namespace roomcast {

/**
 * The id of an open event stream.
 *
 * Plain data of 16 bytes: store it, compare it, use it as a key. It stays valid when the plugin is replaced; calls return
 * `RC_NO_SUCH_CONNECTION` once the stream has ended. Its text form is a UUID. Anyone who knows it can post messages as this
 * connection, so treat it like a session token.
 */
class Connection {
public:
    explicit Connection(rc_connection id) : id_(id) {}

    /** Parse an id; none if the text is not an id. */
    static std::optional<Connection> parse(std::string_view text) {
        rc_connection id;
        if (!rc_connection_parse(detail::lower(text), &id)) return std::nullopt;
        return Connection(id);
    }

    /** The id as text, for example `0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77`. */
    std::string text() const { return std::string(detail::lift(rc_connection_text(id_))); }

    /** Send an event. During `on_connect` it is queued, and sent right after the stream's head. */
    [[nodiscard]] Result<> send(const Event &event) const { return detail::result(rc_send(id_, detail::lower(event))); }

    /** Send a comment, which scripts in a page cannot see. No CR, LF or NUL. */
    [[nodiscard]] Result<> comment(std::string_view text) const { return detail::result(rc_comment(id_, detail::lower(text))); }

    /** Close the connection after everything sent to it before. `on_disconnect` follows, with `RC_PLUGIN_CLOSED`. */
    [[nodiscard]] Result<> close() const { return detail::result(rc_close(id_)); }

    /** Whether it is open. */
    bool is_open() const { return rc_is_open(id_); }

    /**
     * Add it to a room, creating the room if needed. No effect if it is already a member. A room's name is 1 to 256 bytes
     * without control characters.
     */
    [[nodiscard]] Result<> join(std::string_view room) const { return detail::result(rc_join(id_, detail::lower(room))); }

    /** Remove it from a room. No error if it is not a member. */
    [[nodiscard]] Result<> leave(std::string_view room) const { return detail::result(rc_leave(id_, detail::lower(room))); }

    /** Its rooms, including the auto-join room. */
    [[nodiscard]] Result<std::vector<std::string>> rooms() const {
        rc_texts names = {};
        rc_error error = rc_rooms(id_, &names);
        std::vector<std::string> rooms;
        for (size_t index = 0; index < names.count; index++) rooms.emplace_back(detail::lift(names.list[index]));
        return detail::result(error, std::move(rooms));
    }

    /** Its tag; none before the first `set_tag`. `on_disconnect` can still read it. */
    [[nodiscard]] Result<std::optional<std::string>> tag() const {
        rc_text tag = {};
        rc_error error = rc_tag(id_, &tag);
        return detail::result(error, detail::own_optional(tag));
    }

    /** Set the tag, a text of at most 1 KiB. The API and all plugins of the chain share this one tag. */
    [[nodiscard]] Result<> set_tag(std::string_view tag) const { return detail::result(rc_set_tag(id_, detail::lower(tag))); }

    /** Remove the tag. */
    [[nodiscard]] Result<> clear_tag() const { return detail::result(rc_set_tag(id_, RC_NONE)); }

    /** The C type. */
    rc_connection id() const { return id_; }

    friend std::strong_ordering operator<=>(const Connection &one, const Connection &other) {
        return rc_connection_compare(one.id_, other.id_) <=> 0;
    }
    friend bool operator==(const Connection &one, const Connection &other) {
        return rc_connection_compare(one.id_, other.id_) == 0;
    }

private:
    rc_connection id_;
};

/** Why a connection ended. */
using DisconnectReason = rc_disconnect_reason;

/** The reason's name in logs, metrics and the API, for example `slow-consumer`. */
inline std::string_view name_of(DisconnectReason reason) { return rc_reason_name(reason); }

}  // namespace roomcast

/** Ids are random, so a part of one serves as a hash. */
template <>
struct std::hash<roomcast::Connection> {
    std::size_t operator()(const roomcast::Connection &connection) const noexcept {
        std::size_t hash;
        rc_connection id = connection.id();
        std::memcpy(&hash, id.bytes, sizeof hash);
        return hash;
    }
};
