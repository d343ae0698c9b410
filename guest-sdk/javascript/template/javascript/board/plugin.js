import { definePlugin, hub, Rejection } from "roomcast";

/** All cards by their ids, and the last id that was given. */
let cards = new Map();
let lastId = 0;

export default definePlugin({
  onConnect(connection) {
    connection.send({ event: "board", data: [...cards.values()] });
  },

  // A client posts {"type": "add", "text": "Tea"}, or {"type": "vote", "id": 1}, or of type "remove".
  onMessage(connection, request, body) {
    const message = body.json();
    switch (message?.type) {
      case "add":
        return add(message.text);
      case "vote":
        return vote(find(message.id));
      case "remove":
        return remove(find(message.id));
      default:
        throw new Rejection(400, '`type` is "add", "vote" or "remove"');
    }
  },

  // A new version starts with the board of the one before.
  save: () => ({ cards: [...cards.values()], lastId }),

  restore(state) {
    const saved = state.json();
    cards = new Map(saved.cards.map((card) => [card.id, card]));
    lastId = saved.lastId;
  },
});

function add(text) {
  if (typeof text !== "string" || text === "" || [...text].length > 200) {
    throw new Rejection(400, "a card's `text` is 1 to 200 characters long");
  }
  if (cards.size === 100) throw new Rejection(400, "the board is full: remove a card first");
  lastId += 1;
  tell({ id: lastId, text, votes: 0 });
}

function vote(card) {
  tell({ ...card, votes: card.votes + 1 });
}

function remove(card) {
  cards.delete(card.id);
  hub.broadcast("__all", { event: "removed", data: card.id });
}

function find(id) {
  const card = cards.get(id);
  if (!card) throw new Rejection(400, "there is no such card");
  return card;
}

/** Put a card on the board, and show it to everyone. */
function tell(card) {
  cards.set(card.id, card);
  hub.broadcast("__all", { event: "card", data: card });
}
