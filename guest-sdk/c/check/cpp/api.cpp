// Everything that the SDK for C++ offers, by remote control: a message is a command, and the answer says what came of it.
// The commands are those of ../c/api.c.
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <unordered_set>

#include <roomcast.hpp>

using namespace roomcast;
using namespace std::chrono_literals;

class Api : public Plugin {
public:
    Outcome on_init() override {
        if (ROOMCAST_TRY(config::get("refuse", false))) return fail("this plugin was told to refuse");
        return {};
    }

    Outcome on_connect(Connection connection, const Request &request) override {
        std::string way = request.parameter("way").value_or("");
        if (way == "unauthorized") return unauthorized("Bearer", "who are you?");
        if (way == "often") return too_many_requests(7);
        if (way == "later") return unavailable(8);
        if (way == "gone") return reject(410, "gone", {{"X-Way", "gone"}});
        if (way == "error") ROOMCAST_TRY(connection.join(""));
        if (way == "limit") ROOMCAST_TRY(connection.set_tag(std::string(2000, 'x')));
        auto text = [](std::string_view view) { return std::string(view); };
        ROOMCAST_TRY(connection.send({
            .data = text(request.method()) + " " + text(request.path()) + " " + text(request.query().value_or("-")) +
                    ", last " + text(request.last_event_id().value_or("none")),
            .event = "request",
            .id = "1",
            .retry_ms = 1234,
        }));
        return {};
    }

    void on_disconnect(Connection connection, DisconnectReason reason) override {
        auto tag = connection.tag();
        if (!warn_if_failed(tag)) return;
        std::string told = tag->value_or("nobody") + " " + std::string(name_of(reason));
        warn_if_failed(hub::broadcast("watch", {.data = told, .event = "gone"}));
    }

    Outcome on_join(Connection connection, std::string_view room) override {
        if (room == "broken") ROOMCAST_TRY(connection.comment("a\nb"));
        if (room == "secret") return reject(403, std::string(room) + " is closed", {{"X-Room", std::string(room)}});
        return {};
    }

    void on_leave(Connection, std::string_view room) override {
        if (room != "__all") warn_if_failed(hub::broadcast("watch", {.data = std::string(room), .event = "left"}));
    }

    Verdict on_publish(std::string_view room, const Event &event, const Origin &origin) override {
        if (event.data == "refuse") return fail("not into " + std::string(room));
        if (event.data == "forbid") return reject(403, "not you");
        if (event.data == "break") ROOMCAST_TRY(hub::broadcast("", event));
        if (event.data != "rewrite") return Forward{};
        Event other = event;
        other.data = origin.is_api && !origin.detail.empty() ? "rewritten, from the API" : "rewritten, from elsewhere";
        return other;
    }

    Reply on_message(std::optional<Connection> connection, const Request &request, const Body &body) override {
        if (!body.text()) {
            return Response{.status = 200, .body = std::string(body.bytes()), .headers = {{"X-Lossy", std::string(body.text_lossy())}}, .is_binary = true};
        }
        // A command, and at most two words.
        std::string words[3];
        std::string_view rest = body.bytes();
        for (std::string &word : words) {
            std::size_t end = std::min(rest.find(' '), rest.size());
            word = rest.substr(0, end);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        const auto &[command, one, two] = words;
        if (command == "texts") return texts();
        if (command == "events") return events(std::atoi(one.c_str()));
        if (command == "json") return json(one);
        if (command == "fail") return fail_by(one);
        if (command == "pass") return Pass{};
        if (command == "ok") return Response::accepted();
        if (command == "hand-on") ROOMCAST_TRY(hub::count(""));
        if (command == "body-json") return Response::ok(std::to_string(!body.json()));
        if (command == "now") return Response::ok(std::to_string(clock::now().time_since_epoch().count()));
        if (command == "monotonic") return Response::ok(std::to_string(clock::monotonic().count()));
        if (command == "elapsed") return elapsed();
        if (command == "all-members") return all_members(one);
        if (command == "keep-request") return kept_request_ = request, Response::accepted();
        if (command == "kept-request") {
            bool none = !kept_request_->query() && !kept_request_->header("x-given");
            return Response::ok(
                "[" + std::string(kept_request_->method()) + "] " + std::to_string(none) + " " +
                std::to_string(kept_request_->headers().size()) + " " + std::string(request.method()));
        }
        if (command == "bad-utf8") return Response::ok("a\xff\xc3 b");
        if (command == "header") return Response::ok(std::string(request.header(one).value_or("none")));
        if (command == "parameters") {
            std::string all;
            for (const auto &[name, value] : request.parameters()) all += rc_format("[%s=%s]", name.data, value.data).data;
            return Response::ok(all);
        }
        if (command == "integer") return Response::ok(std::to_string(json::read(one)->integer().value_or(-7)));
        if (command == "parameter") return Response::ok(request.parameter(one).value_or("none"));
        if (command == "config") return Response::ok(ROOMCAST_TRY(config::get(one)).value_or("default"));
        if (command == "number") return number(config::get<std::int64_t>(one, 7));
        if (command == "switch") return number(config::get(one, false));
        if (command == "settings") return number(Result<int>(4));
        if (command == "log") {
            log::debug(one + " and " + two);
            rc_log(RC_WARNING, RC("group"), RC("grouped"));
            return Response::accepted();
        }
        if (command == "print") return std::printf("%s\n", one.c_str()), std::fflush(stdout), Response::accepted();
        if (command == "get") return Response::ok(ROOMCAST_TRY(store::get(one)).value_or("none"));
        if (command == "set") return done(store::set(one, two));
        if (command == "delete") return done(store::remove(one));
        if (command == "exists") return number(store::exists(one));
        if (command == "three") {  // two of them there
            std::pair<std::string, std::string> pairs[] = {{one, two}, {two, ""}};
            std::string keys[] = {one, "nowhere", two}, all;
            ROOMCAST_TRY(store::set_many(pairs));
            auto values = ROOMCAST_TRY(store::get_many(keys));
            ROOMCAST_TRY(store::remove_many(keys));
            for (const auto &value : values) all += "[" + value.value_or("none") + "]";
            return Response::ok(all);
        }
        if (command == "swap") {  // somebody else is faster, once
            std::vector<std::string> seen;
            ROOMCAST_TRY(store::update(one, [&](std::optional<std::string> value) {
                seen.push_back(value.value_or("none"));
                if (seen.size() == 1) warn_if_failed(store::set(one, "meanwhile"));
                return two;
            }));
            return Response::ok(seen[0] + " 0 " + seen.at(1) + " " + std::to_string(seen.size() == 2));
        }
        if (command == "keys") return list(store::keys());
        if (command == "increment") return number(store::increment(one, std::atoll(two.c_str())));
        if (command == "keep") return kept_ = one, Response::accepted();
        if (command == "kept") return Response::ok(kept_);
        auto milliseconds = std::chrono::duration<std::uint32_t, std::milli>(std::atoi(one.c_str()));
        if (command == "after") return set(timer_, timers::after(milliseconds, two));
        if (command == "every") return set(timer_, timers::every(milliseconds, two));
        if (command == "cancel") return number(Result<bool>(timer_.cancel()));
        if (command == "fetch") {
            fetch::Request asked{
                .url = one, .method = "POST", .headers = {{"X-Asked", two}}, .body = std::string(body.bytes()),
                .connection = connection, .timeout = 60s};
            return set(fetch_, asked.start(two));
        }
        if (command == "break") return number(Result<bool>(fetch_.cancel()));
        if (command == "count") return number(hub::count(one));
        if (command == "members") {
            hub::Members page = ROOMCAST_TRY(hub::members(one, 1));
            return Response::ok(std::to_string(page.members.size()) + " of " + std::to_string(page.total));
        }
        Event told{.data = two, .event = "told"};
        if (command == "broadcast") return number(hub::broadcast(one, told));
        if (!connection) return roomcast::fail("no such command without a connection: " + command);
        if (command == "bad-utf8-everywhere") return bad_utf8(*connection);
        if (command == "except") return number(hub::broadcast(one, told, connection));
        if (command == "many") {
            std::string rooms[] = {one, two};
            auto all = ROOMCAST_TRY(hub::broadcast_many(rooms, told, RC_KEEP_DUPLICATES));
            auto once = ROOMCAST_TRY(hub::broadcast_many(rooms, told, RC_DROP_DUPLICATES, connection));
            return Response::ok(std::to_string(all) + " " + std::to_string(once));
        }
        if (command == "send") return done(connection->send({.data = one, .id = two}));
        if (command == "retry") return done(connection->send({.data = one, .retry_ms = 700}));
        if (command == "comment") return done(connection->comment(one));
        if (command == "join") return done(connection->join(one));
        if (command == "leave") return done(connection->leave(one));
        if (command == "rooms") return list(connection->rooms());
        if (command == "tag") return done(connection->set_tag(one));
        if (command == "untag") return done(connection->clear_tag());
        if (command == "tagged") return Response::ok(ROOMCAST_TRY(connection->tag()).value_or("none"));
        if (command == "open") return number(Result<bool>(connection->is_open()));
        if (command == "close") {
            ROOMCAST_TRY(connection->close());
            return done(connection->send({.data = "late"}));
        }
        return roomcast::fail("no such command: " + command);
    }

    void on_timer(std::string_view token) override {
        warn_if_failed(hub::broadcast("watch", {.data = std::string(token), .event = "timer"}));
    }

    void on_fetch_response(std::string_view token, const fetch::Response &response) override {
        std::string kind(response.header("Content-Type").value_or("none"));
        std::string told = std::string(token) + " " + std::to_string(response.status()) + " " + kind + " of " +
                           std::to_string(!response.headers().empty());
        warn_if_failed(hub::broadcast("watch", {.data = told, .event = "response"}));
    }

    void on_fetch_chunk(std::string_view, const Body &chunk) override {
        std::string size = std::to_string(chunk.bytes().size());
        if (!chunk.text()) warn_if_failed(hub::broadcast("watch", {.data = size, .event = "binary"}));
        for (const Event &event : reader_.feed(chunk.bytes())) warn_if_failed(hub::broadcast("watch", event));
    }

    void on_fetch_end(std::string_view token, const Result<> &outcome) override {
        std::string told = std::string(token) + (outcome ? " 0 no error" : " " + std::to_string(outcome.error().kind) + " " + outcome.error().text());
        warn_if_failed(hub::broadcast("watch", {.data = told, .event = "end"}));
        reader_ = {};
    }

    Saved on_save() override {
        if (kept_ == "unsavable") return fail("it cannot be saved");
        return kept_;
    }

    Outcome on_restore(std::string_view state) override {
        kept_ = state;
        return {};
    }

private:
    static Reply done(const Result<> &result) {
        if (result) return Response::accepted();
        return Response{.status = 503, .body = result.error().text()};
    }

    template <typename T>
    static Reply set(T &kept, const Result<T> &result) {
        if (!result) return done(std::unexpected(result.error()));
        return kept = *result, Response::accepted();
    }

    // The time since the last call, by the SDK's clocks and by the library's.
    Reply elapsed() {
        using std::chrono::system_clock;
        auto wall = clock::now();
        auto monotonic = clock::monotonic();
        auto seconds = system_clock::to_time_t(system_clock::now());
        auto since = [](auto &before, auto now) { return now - std::exchange(before, now); };
        return Response::ok(
            std::to_string(since(wall_, wall).count()) + " " + std::to_string(since(monotonic_, monotonic).count()) + " " +
            std::to_string(since(seconds_, seconds)));
    }

    // Nothing that is not UTF-8 traps, wherever it goes.
    static Reply bad_utf8(Connection connection) {
        std::string bad = "a\xff\xc3 b";
        ROOMCAST_TRY(connection.send({.data = bad, .event = bad, .id = bad}));
        ROOMCAST_TRY(connection.comment(bad));
        ROOMCAST_TRY(connection.join(bad));
        ROOMCAST_TRY(connection.leave(bad));
        ROOMCAST_TRY(connection.set_tag(bad));
        ROOMCAST_TRY(timers::after(60s, bad)).cancel();
        log::info(bad);
        return reject(410, bad, {{"X-Bad", bad}});
    }

    static Reply all_members(std::string_view room) {
        std::size_t all = ROOMCAST_TRY(hub::all_members(room)).size(), paged = 0;
        std::optional<hub::Cursor> at;
        do {
            hub::Members page = ROOMCAST_TRY(hub::members(room, 1, at));
            paged += page.members.size();
            at = page.next;
        } while (at);
        return Response::ok(std::to_string(all) + " " + std::to_string(paged));
    }

    template <typename T>
    static Reply number(const Result<T> &result) {
        if (result) return Response::ok(std::to_string(*result));
        return Response{.status = 503, .body = result.error().text()};
    }

    static Reply list(const Result<std::vector<std::string>> &texts) {
        if (!texts) return done(std::unexpected(texts.error()));
        std::string all;
        for (const std::string &text : *texts) all += "[" + text + "]";
        return Response::ok(all);
    }

    static Reply texts() {
#define EXPECT(condition) \
    if (!(condition)) return roomcast::fail("line " + std::to_string(__LINE__) + ": " #condition)
        EXPECT(trim("\t\u3000 a b \u00a0\n") == "a b" && trim(" ").empty() && trim("").empty());
        EXPECT(characters("a\u00f6\u20ac\U0001F388") == 4 && has_control("a\x7f") && !has_control("\u00f6"));
        auto id = Connection::parse("0192F3C4-7b1e-4c55-9c0e-2f6d1c1b8a77");
        EXPECT(id && id->text() == "0192f3c4-7b1e-4c55-9c0e-2f6d1c1b8a77" && !Connection::parse("x"));
        std::unordered_set<Connection> set{*id};
        EXPECT(set.contains(*id) && *id <= *id && !(*id < *id));
        return Response::ok("fine");
    }

    // Events of a stream that comes in pieces of so many bytes.
    static Reply events(std::size_t size) {
        using namespace std::string_view_literals;
        std::string_view stream =
            "\xEF\xBB\xBF" "data: {\"a\":1}\n\n: comment\nevent: delta\r\ndata: \u0436\r\ndata:  two\r\nid: 7\r\n\r\n"
            "event: empty\n\ndata\rdata: x:y\r\r"
            "id: 8\0\ndata: three\n\nretry: 5\ndata: unfinished"sv;
        fetch::EventReader at_once;
        EXPECT(at_once.feed("data: a\r\r").size() == 1);
        fetch::EventReader reader;
        std::string all;
        for (std::size_t at = 0; at < stream.size(); at += size) {
            for (const Event &event : reader.feed(stream.substr(at, size))) {
                all += "[" + event.event.value_or("-") + "|" + event.data + "|" + event.id.value_or("-") + "]";
            }
            // As over a reload.
            fetch::EventReader next;
            EXPECT(next.feed(reader.rest()).empty());
            reader = std::move(next);
        }
        EXPECT(reader.rest() == "retry: 5\ndata: unfinished");
        return Response::ok(all);
    }

    static Reply json(std::string_view text) {
        auto value = json::read(text);
        if (!value) return roomcast::fail(value.error());
        return Response::ok(json::array([&](json::Array &all) {
            for (json::Value one : *value) {
                all.object([&](json::Object &member) {
                    if (!one.key().empty()) member.put("key", one.key());
                    member.put("kind", static_cast<int>(one.kind()));
                    if (auto number = one.number()) member.put("n", static_cast<std::int64_t>(*number * 1000));
                    if (auto boolean = one.boolean()) member.put("b", *boolean);
                    member.put("text", one.text());
                });
            }
        }));
    }

    // Ways to end badly.
    static Reply fail_by(std::string_view way) {
        std::vector<int> numbers{1, 2, 3};
        if (way == "panic") rc_panic("it was asked for, %d times", 1);
        if (way == "trap") __builtin_trap();
        if (way == "abort") std::abort();
        if (way == "assert") assert(way[0] == 'x');
        if (way == "null") {
            const int *nothing = rc_is_none(rc_text_of(nullptr)) ? nullptr : numbers.data();
            return number(Result<int>(*nothing));
        }
        if (way == "bounds") return number(Result<int>(numbers[way.size()]));
        if (way == "at") return number(Result<int>(numbers.at(way.size() + 7)));
        if (way == "value") return number(Result<int>(static_cast<int>(json::read("x").value().size())));
        if (way == "recurse") return number(Result<int>(deeper(1)));
        if (way == "memory") {
            for (;;) numbers.resize(numbers.size() * 2);
        }
        if (way == "loop") {
            for (volatile bool forever = true; forever;) {}
        }
        return roomcast::fail("it does not know how to fail by " + std::string(way));
    }

    static int deeper(int above) {
        volatile int here[100] = {above};
        return here[0] == 0 ? 0 : deeper(here[0]) + here[7];
    }

    std::string kept_ = "nothing";
    std::optional<Request> kept_request_;
    std::chrono::sys_time<std::chrono::milliseconds> wall_ = {};
    std::chrono::milliseconds monotonic_ = {};
    std::time_t seconds_ = {};
    timers::Timer timer_ = {};
    fetch::Fetch fetch_ = {};
    fetch::EventReader reader_;
};

ROOMCAST_PLUGIN(Api)
