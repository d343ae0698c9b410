// {{name}}: a board that everyone sees and changes: cards, and votes for them.
#include <map>
#include <roomcast.hpp>

using namespace roomcast;

struct Card {
    std::string text;
    std::int64_t votes = 0;
};

struct Board : Plugin {
    Outcome on_connect(Connection connection, const Request &) override {
        ROOMCAST_TRY(connection.send({.data = write(), .event = "board"}));
        return {};
    }

    // A client posts {"type": "add", "text": "Tea"}, or {"type": "vote", "id": 1}, or of type "remove".
    Reply on_message(std::optional<Connection>, const Request &, const Body &body) override {
        json::Value message = ROOMCAST_TRY(body.json());
        auto type = message["type"].text().value_or("");
        if (type == "add") return add(std::string(message["text"].text().value_or("")));
        if (type != "vote" && type != "remove") return fail("`type` is \"add\", \"vote\" or \"remove\"");
        auto card = cards.find(message["id"].integer().value_or(0));
        if (card == cards.end()) return fail("there is no such card");
        std::int64_t id = card->first;
        if (type == "vote") {
            card->second.votes++;
            return tell("card", write(id, card->second));
        }
        cards.erase(card);
        return tell("removed", std::to_string(id));
    }

    // A new version starts with the board of the one before.
    Saved on_save() override {
        return json::object([&](json::Object &state) {
            state.put("last_id", last_id);
            state.put_json("cards", write());
        });
    }

    Outcome on_restore(std::string_view state) override {
        json::Value saved = ROOMCAST_TRY(json::read(state));
        last_id = saved["last_id"].integer().value_or(0);
        for (json::Value card : saved["cards"])
            cards[card["id"].integer().value_or(0)] = {
                std::string(card["text"].text().value_or("")), card["votes"].integer().value_or(0)};
        return {};
    }

private:
    // All cards by their ids, and the last id that was given.
    std::map<std::int64_t, Card> cards;
    std::int64_t last_id = 0;

    Reply add(std::string text) {
        if (text.empty() || characters(text) > 200) return fail("a card's `text` is 1 to 200 characters long");
        if (cards.size() == 100) return fail("the board is full: remove a card first");
        cards[++last_id] = {text};
        return tell("card", write(last_id, cards[last_id]));
    }

    static Reply tell(std::string event, std::string data) {
        ROOMCAST_TRY(hub::broadcast("__all", {.data = data, .event = event}));
        return Response::accepted();
    }

    static std::string write(std::int64_t id, const Card &card) {
        return json::object([&](json::Object &object) {
            object.put("id", id);
            object.put("text", card.text);
            object.put("votes", card.votes);
        });
    }

    std::string write() const {
        return json::array([&](json::Array &list) {
            for (const auto &[id, card] : cards) list.put_json(write(id, card));
        });
    }
};

ROOMCAST_PLUGIN(Board)
