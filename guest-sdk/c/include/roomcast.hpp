/**
 * Roomcast plugins in C++ (23): a struct, the hooks that you override, and one line that makes a component of it.
 *
 *     #include <roomcast.hpp>
 *
 *     struct Chat : roomcast::Plugin {
 *         roomcast::Admission on_connect(roomcast::Connection connection, const roomcast::Request &) override {
 *             ROOMCAST_TRY(connection.send({.data = "hello", .event = "greeting"}));
 *             return {};
 *         }
 *     };
 *
 *     ROOMCAST_PLUGIN(Chat)
 *
 * What a call or a hook gives you by value (`std::string`, `std::vector`, `Event`) is yours. What is a view (`Request`,
 * `std::string_view`, `json::Value`) is valid until the hook returns.
 *
 * There are no exceptions: a call that can fail answers `std::expected`. `ROOMCAST_TRY` takes the value out, or returns
 * the error from the hook.
 */
#pragma once

#include "roomcast.h"

#include "roomcast/result.hpp"
#include "roomcast/event.hpp"
#include "roomcast/connection.hpp"
#include "roomcast/request.hpp"
#include "roomcast/response.hpp"
#include "roomcast/hub.hpp"
#include "roomcast/fetch.hpp"
#include "roomcast/json.hpp"
#include "roomcast/plugin.hpp"
