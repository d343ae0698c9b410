#include "names.hpp"

#include <roomcast.hpp>

namespace {

constexpr std::size_t max_characters = 40;
// Rooms of the server's own start with this; `__all` is everybody.
constexpr std::string_view reserved = "__";

Name checked(std::string_view what, std::string_view name) {
    name = roomcast::trim(name);
    std::string_view problem = name.empty()                                    ? "must not be empty"
                               : roomcast::characters(name) > max_characters   ? "is at most 40 characters long"
                               : roomcast::has_control(name)                   ? "must not contain control characters"
                                                                               : "";
    if (problem.empty()) return std::string(name);
    return std::unexpected("`" + std::string(what) + "` " + std::string(problem));
}

}  // namespace

Name person_name(std::string_view name) { return checked("name", name); }

Name room_name(std::string_view name) {
    Name room = checked("room", name);
    if (room && room->starts_with(reserved)) {
        return std::unexpected("`room`: names that start with __ are the server's own, take another");
    }
    return room;
}
