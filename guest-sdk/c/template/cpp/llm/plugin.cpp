// {{name}}: a page asks a language model, and sees the answer grow.
#include <map>
#include <roomcast.hpp>

using namespace roomcast;

struct Answer {
    fetch::Fetch fetch;
    fetch::EventReader reader = {};
};

struct Llm : Plugin {
    // A client posts {"type": "ask", "prompt": "hello"}, or {"type": "cancel"}.
    Reply on_message(std::optional<Connection> connection, const Request &, const Body &body) override {
        if (!connection) return fail("name your stream in the header Roomcast-Connection");
        json::Value message = ROOMCAST_TRY(body.json());
        auto type = message["type"].text().value_or("");
        if (type == "ask") return ask(*connection, message["prompt"].text().value_or(""));
        if (type != "cancel") return fail("`type` is \"ask\" or \"cancel\"");
        end(connection->text());
        return Response::accepted();
    }

    void on_fetch_response(std::string_view token, const fetch::Response &response) override {
        if (response.status() >= 200 && response.status() < 300) return;
        end(token);
        tell(token, "failed", "why", "the model answers with status " + std::to_string(response.status()));
    }

    void on_fetch_chunk(std::string_view token, const Body &chunk) override {
        auto answer = answers.find(token);
        if (answer == answers.end()) return;
        for (const Event &event : answer->second.reader.feed(chunk.bytes())) {
            // "[DONE]" has no text.
            for (json::Value choice : json::read(event.data).value_or(json::Value())["choices"]) {
                auto text = choice["delta"]["content"].text().value_or("");
                if (!text.empty()) tell(token, "piece", "text", text);
            }
        }
    }

    void on_fetch_end(std::string_view token, const Result<> &outcome) override {
        bool is_known = answers.contains(token);
        end(token);
        // A version that has taken over knows nothing of the answers that another one has begun.
        if (!is_known) tell(token, "failed", "why", "the plugin was replaced: ask again");
        else if (outcome) tell(token, "done");
        else tell(token, "failed", "why", "the model cannot be asked: " + outcome.error().text());
    }

private:
    // The answers under way. A fetch's token is the id of the connection that has asked.
    std::map<std::string, Answer, std::less<>> answers;

    Reply ask(Connection connection, std::string_view prompt) {
        if (prompt.empty() || characters(prompt) > 4000) return fail("`prompt` is a text of 1 to 4000 characters");
        if (answers.contains(connection.text())) return fail("an answer is under way: wait for its end, or cancel it");
        auto model = ROOMCAST_TRY(config::get("model"));
        std::string question = json::object([&](json::Object &question) {
            question.put("model", model);
            question.put("stream", true);
            question.array("messages", [&](json::Array &messages) {
                messages.object([&](json::Object &message) {
                    message.put("role", "user");
                    message.put("content", prompt);
                });
            });
        });
        fetch::Request request{
            .url = ROOMCAST_TRY(config::get("upstream")).value_or(""),
            .method = "POST",
            .headers = {{"content-type", "application/json"}},
            .body = question,
            .connection = connection};
        if (auto authorization = ROOMCAST_TRY(config::get("authorization")))
            request.headers.emplace_back("authorization", *authorization);
        answers[connection.text()] = {ROOMCAST_TRY(request.start(connection.text()))};
        return Response::accepted();
    }

    void end(std::string_view token) {
        if (auto answer = answers.find(token); answer != answers.end()) {
            answer->second.fetch.cancel();
            answers.erase(answer);
        }
    }

    static void tell(std::string_view token, std::string event, std::string_view key = "", std::string_view text = "") {
        std::string data = json::object([&](json::Object &object) {
            if (!key.empty()) object.put(key, text);
        });
        auto connection = Connection::parse(token);
        if (connection && connection->is_open()) warn_if_failed(connection->send({.data = data, .event = event}));
    }
};

ROOMCAST_PLUGIN(Llm)
