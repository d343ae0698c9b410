// Names that people choose, for themselves and for rooms.
#pragma once

#include <expected>
#include <string>
#include <string_view>

using Name = std::expected<std::string, std::string>;

// A person's name, trimmed, or what is wrong with it.
Name person_name(std::string_view name);

// A room's name, trimmed, or what is wrong with it.
Name room_name(std::string_view name);
