/** Rooms, timers, the time, settings, the store, the log. */
#pragma once

#include <charconv>
#include <chrono>
#include <concepts>
#include <span>
#include <type_traits>
#include <utility>

#include "connection.hpp"

namespace roomcast {

/** Rooms. No call blocks, and none triggers a hook. */
namespace hub {

/** Send an event to all members of a room, in the same order for all, optionally except one. Returns the number of receivers. */
[[nodiscard]] inline Result<std::uint32_t> broadcast(
    std::string_view room, const Event &event, std::optional<Connection> except = std::nullopt) {
    std::uint32_t receivers = 0;
    rc_error error = except ? rc_broadcast_except(detail::lower(room), detail::lower(event), except->id(), &receivers)
                            : rc_broadcast(detail::lower(room), detail::lower(event), &receivers);
    return detail::result(error, receivers);
}

/** Send an event to all members of several rooms, at most 1,000. Returns the number of deliveries. */
[[nodiscard]] inline Result<std::uint32_t> broadcast_many(
    std::span<const std::string> rooms, const Event &event, rc_duplicates duplicates = RC_DROP_DUPLICATES,
    std::optional<Connection> except = std::nullopt) {
    std::vector<rc_text> names;
    for (const std::string &room : rooms) names.push_back(detail::lower(room));
    rc_connection id = except ? except->id() : rc_connection{};
    std::uint32_t deliveries = 0;
    rc_error error = rc_broadcast_many(
        {names.data(), names.size()}, detail::lower(event), except ? &id : nullptr, duplicates, &deliveries);
    return detail::result(error, deliveries);
}

/** All members of a room, each once, in the order of their ids. None if the room does not exist. */
[[nodiscard]] inline Result<std::vector<Connection>> all_members(std::string_view room) {
    rc_connections found = {};
    rc_error error = rc_all_members(detail::lower(room), &found);
    std::vector<Connection> members;
    for (size_t index = 0; index < found.count; index++) members.emplace_back(found.list[index]);
    return detail::result(error, std::move(members));
}

/** A place in a list of members. */
enum class Cursor : std::uint64_t {};

/** One page of a room's members. */
struct Members {
    /** The members, in no particular order. */
    std::vector<Connection> members;
    /** The number of members in the room. */
    std::uint32_t total = 0;
    /** Where the next page begins; none after the last. */
    std::optional<Cursor> next = {};
};

/**
 * A page of a room's members, at most `limit` (1 to 1,000) of them: the first, or those at `Members::next`. A member that stays
 * in the room from the first page to the last is never left out; it may appear twice if others leave between two pages.
 */
[[nodiscard]] inline Result<Members> members(
    std::string_view room, std::uint32_t limit, std::optional<Cursor> at = std::nullopt) {
    rc_cursor cursor = {at ? static_cast<std::uint64_t>(*at) : 0};
    rc_members page = {};
    rc_error error = rc_members_of(detail::lower(room), at ? &cursor : nullptr, limit, &page);
    Members members{.members = {}, .total = page.total};
    for (size_t index = 0; index < page.count; index++) members.members.emplace_back(page.list[index]);
    if (page.has_next) members.next = Cursor{page.next.place};
    return detail::result(error, std::move(members));
}

/** The number of members in a room. */
[[nodiscard]] inline Result<std::uint32_t> count(std::string_view room) {
    std::uint32_t count = 0;
    rc_error error = rc_count(detail::lower(room), &count);
    return detail::result(error, count);
}

}  // namespace hub

/** Timers, which call `on_timer`. They follow the state; a plugin has at most 1,000. */
namespace timers {

/** A timer. */
struct Timer {
    rc_timer timer;

    /** Cancel it. False if it has already ended. */
    bool cancel() const { return rc_cancel(timer); }
};

/** Call `on_timer` once with `token` (at most 1 KiB) after `delay`, at least 1 ms and at most about 49 days. */
[[nodiscard]] inline Result<Timer> after(std::chrono::duration<std::uint32_t, std::milli> delay, std::string_view token) {
    Timer set = {};
    rc_error error = rc_after(delay.count(), detail::lower(token), &set.timer);
    return detail::result(error, set);
}

/** Call `on_timer` every `period`, until the timer is cancelled. Late firings are skipped. */
[[nodiscard]] inline Result<Timer> every(std::chrono::duration<std::uint32_t, std::milli> period, std::string_view token) {
    Timer set = {};
    rc_error error = rc_every(period.count(), detail::lower(token), &set.timer);
    return detail::result(error, set);
}

}  // namespace timers

/** The time. In `roomcast test` it stands still, and moves by `advance`. */
namespace clock {

/** The time of day. It may be set back. */
inline std::chrono::sys_time<std::chrono::milliseconds> now() {
    return std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(rc_now()));
}

/** The time since some moment. It never goes back; only differences mean something, and only within one instance. */
inline std::chrono::milliseconds monotonic() { return std::chrono::milliseconds(rc_monotonic()); }

}  // namespace clock

/** The plugin's own settings: the table `[plugins.config]` of its entry in `roomcast.toml`. */
namespace config {

/** The value of a key; none if it is not set. */
[[nodiscard]] inline Result<std::optional<std::string>> get(std::string_view key) {
    rc_text value = {};
    rc_error error = rc_config(detail::lower(key), &value);
    return detail::result(error, detail::own_optional(value));
}

/** The value of a key as an integer or a boolean (`true`, `false`), or `otherwise` if it is not set. */
template <typename T>
    requires std::same_as<T, bool> || std::integral<T>
[[nodiscard]] Result<T> get(std::string_view key, T otherwise) {
    if constexpr (std::same_as<T, bool>) {
        rc_error error = rc_config_switch(detail::lower(key), &otherwise);
        return detail::result(error, otherwise);
    } else {
        auto text = get(key);
        if (!text) return std::unexpected(text.error());
        if (!*text) return otherwise;
        const std::string &value = **text;
        auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), otherwise);
        if (problem == std::errc() && end == value.data() + value.size()) return otherwise;
        const char *why = problem == std::errc::result_out_of_range ? "\" is out of range" : "\" is no whole number";
        std::string reason = "\"" + value + why;
        return std::unexpected(Error({RC_CONFIG, detail::lower(key), detail::lower(reason)}));
    }
}

}  // namespace config

/**
 * The plugin's own key-value store, which outlives the instance. The operator grants it with
 * `[plugins.capabilities.keyvalue]`; otherwise each call returns `RC_NOT_PERMITTED`. A plugin that does not use the store does
 * not import it.
 */
namespace store {

/** The value of a key; none if it is missing. */
[[nodiscard]] inline Result<std::optional<std::string>> get(std::string_view key) {
    rc_text value = {};
    rc_error error = rc_store_get(detail::lower(key), &value);
    return detail::result(error, detail::own_optional(value));
}

/** Set the value of a key, any bytes. */
[[nodiscard]] inline Result<> set(std::string_view key, std::string_view value) {
    return detail::result(rc_store_set(detail::lower(key), detail::lower(value)));
}

/** Delete a key. A missing key is ignored. */
[[nodiscard]] inline Result<> remove(std::string_view key) { return detail::result(rc_store_delete(detail::lower(key))); }

/** Whether a key exists. */
[[nodiscard]] inline Result<bool> exists(std::string_view key) {
    bool exists = false;
    rc_error error = rc_store_exists(detail::lower(key), &exists);
    return detail::result(error, exists);
}

/** All keys, in no particular order. */
[[nodiscard]] inline Result<std::vector<std::string>> keys() {
    rc_texts found = {};
    rc_error error = rc_store_keys(&found);
    std::vector<std::string> keys;
    for (size_t index = 0; index < found.count; index++) keys.emplace_back(detail::lift(found.list[index]));
    return detail::result(error, std::move(keys));
}

/** Add to a number stored as decimal text; a missing key counts as 0. Returns the sum. */
[[nodiscard]] inline Result<std::int64_t> increment(std::string_view key, std::int64_t delta) {
    std::int64_t sum = 0;
    rc_error error = rc_store_increment(detail::lower(key), delta, &sum);
    return detail::result(error, sum);
}

/** The values of at most 1,000 keys, in order; none for a missing key. */
[[nodiscard]] inline Result<std::vector<std::optional<std::string>>> get_many(std::span<const std::string> keys) {
    std::vector<rc_text> names;
    for (const std::string &key : keys) names.push_back(detail::lower(key));
    rc_texts found = {};
    rc_error error = rc_store_get_many({names.data(), names.size()}, &found);
    std::vector<std::optional<std::string>> values;
    for (size_t index = 0; index < found.count; index++) values.push_back(detail::own_optional(found.list[index]));
    return detail::result(error, std::move(values));
}

/** Set at most 1,000 keys, in order, as one operation: after an error, no key has changed. */
[[nodiscard]] inline Result<> set_many(std::span<const std::pair<std::string, std::string>> pairs) {
    std::vector<rc_pair> lent;
    for (const auto &[key, value] : pairs) lent.push_back({detail::lower(key), detail::lower(value)});
    return detail::result(rc_store_set_many(lent.data(), lent.size()));
}

/** Delete at most 1,000 keys. Missing keys are ignored. */
[[nodiscard]] inline Result<> remove_many(std::span<const std::string> keys) {
    std::vector<rc_text> names;
    for (const std::string &key : keys) names.push_back(detail::lower(key));
    return detail::result(rc_store_delete_many({names.data(), names.size()}));
}

/**
 * Set a key to a value computed from the current one: `change` gets that (none if the key is missing) and returns the new one.
 * It is called again if the value has changed in between, for example by another instance of the plugin.
 */
template <typename Change>
    requires std::is_invocable_r_v<std::string, Change, std::optional<std::string>>
[[nodiscard]] Result<> update(std::string_view key, Change &&change) {
    rc_seen seen = {};
    rc_error error = rc_store_see(detail::lower(key), &seen);
    for (bool done = false; !done && error.kind == RC_OK;) {
        std::string value = change(detail::own_optional(seen.value));
        error = rc_store_swap(&seen, detail::lower(value), &done);
    }
    return detail::result(error);
}

}  // namespace store

/** Logging through the host, which adds the plugin's name and the connection that the call is about. */
namespace log {

inline void trace(std::string_view text) { rc_log(RC_TRACE, RC_NONE, detail::lower(text)); }
inline void debug(std::string_view text) { rc_log(RC_DEBUG, RC_NONE, detail::lower(text)); }
inline void info(std::string_view text) { rc_log(RC_INFO, RC_NONE, detail::lower(text)); }
inline void warn(std::string_view text) { rc_log(RC_WARNING, RC_NONE, detail::lower(text)); }
inline void error(std::string_view text) { rc_log(RC_ERROR, RC_NONE, detail::lower(text)); }
inline void critical(std::string_view text) { rc_log(RC_CRITICAL, RC_NONE, detail::lower(text)); }

}  // namespace log

/** The text without white space (Unicode's) at its ends; a view into the same, or valid until the hook returns. */
inline std::string_view trim(std::string_view text) { return detail::lift(rc_trim(detail::lower(text))); }

/** The number of characters (code points) of a text. */
inline std::size_t characters(std::string_view text) { return rc_characters(detail::lower(text)); }

/** Whether it contains a control character. */
inline bool has_control(std::string_view text) { return rc_has_control(detail::lower(text)); }

}  // namespace roomcast
