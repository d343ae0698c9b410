// Who has come and gone, gathered for a moment and told once.
//
// Telling each arrival to everybody would cost the square of their number: a room that 10,000 people enter would send 50
// million events. So the first change starts a timer, and when it fires every changed room gets one event, of a bounded
// size.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <roomcast.hpp>

class Presence {
public:
    // Note that somebody has come into a room, or left it.
    void joined(const std::string &room, const std::string &name);
    void left(const std::string &room, const std::string &name);

    // Tell every changed room, once.
    void tell();

    // Start the timer if there is something to tell and it does not run; a new instance begins without one.
    void start_timer();

    void write(roomcast::json::Object &json) const;
    roomcast::Outcome read(roomcast::json::Value json);

private:
    using Names = std::vector<std::string>;
    struct Change {
        Names joined, left;
        std::uint32_t more = 0;

        void write(roomcast::json::Object &json) const;
    };

    Change &change(const std::string &room);
    static std::uint32_t note(const std::string &name, Names &list, Names &opposite);
    static bool read_names(roomcast::json::Value json, Names &names);

    std::map<std::string, Change> changes_;
    // Whether the timer runs.
    bool running_ = false;
};
