/**
 * Roomcast plugins in C++23: a struct, the hooks that you override, and one line that exports it as a component.
 *
 *     #include <roomcast.hpp>
 *
 *     struct Chat : roomcast::Plugin {
 *         roomcast::Outcome on_connect(roomcast::Connection connection, const roomcast::Request &) override {
 *             ROOMCAST_TRY(connection.send({.data = "hello", .event = "greeting"}));
 *             return {};
 *         }
 *     };
 *
 *     ROOMCAST_PLUGIN(Chat)
 *
 * Values (`std::string`, `std::vector`, `Event`) are yours. Views (`Request`, `std::string_view`, `json::Value`) are valid
 * until the hook returns.
 *
 * There are no exceptions: a call that can fail returns `std::expected`. `ROOMCAST_TRY` unwraps the value, or returns the error
 * from the hook.
 */
#pragma once

#include "roomcast.h"

#include "roomcast/result.hpp"
#include "roomcast/rejection.hpp"
#include "roomcast/event.hpp"
#include "roomcast/connection.hpp"
#include "roomcast/request.hpp"
#include "roomcast/response.hpp"
#include "roomcast/hub.hpp"
#include "roomcast/fetch.hpp"
#include "roomcast/json.hpp"
#include "roomcast/plugin.hpp"
