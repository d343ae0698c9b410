"""{{name}}: a board that everyone sees and changes: cards, and votes for them."""

import json
from dataclasses import asdict, dataclass

from roomcast_sdk import Body, Connection, Event, Refusal, Request, hub, plugin


@dataclass
class Card:
    id: int
    text: str
    votes: int = 0


cards: dict[int, Card] = {}
last_id = 0
"""The last id that was given."""


@plugin.on_connect
def show(connection: Connection, request: Request) -> None:
    connection.send(Event.json([asdict(card) for card in cards.values()], event="board"))


@plugin.on_message
def change(connection: Connection | None, request: Request, body: Body) -> None:
    match body.json():
        case {"type": "add", "text": str(text)} if 1 <= len(text) <= 200:
            add(text)
        case {"type": "add"}:
            raise Refusal("a card's `text` is 1 to 200 characters long")
        case {"type": "vote", "id": int(id)} if id in cards:
            cards[id].votes += 1
            tell(cards[id])
        case {"type": "remove", "id": int(id)} if id in cards:
            del cards[id]
            hub.broadcast("__all", Event.json(id, event="removed"))
        case {"type": "vote" | "remove"}:
            raise Refusal("there is no such card")
        case _:
            raise Refusal('`type` is "add", "vote" or "remove"')


# A new version starts with the board of the one before.
@plugin.save
def save() -> str:
    return json.dumps({"cards": [asdict(card) for card in cards.values()], "last_id": last_id})


@plugin.restore
def restore(state: bytes) -> None:
    global last_id
    saved = json.loads(state)
    cards.update({card["id"]: Card(**card) for card in saved["cards"]})
    last_id = saved["last_id"]


def add(text: str) -> None:
    global last_id
    if len(cards) == 100:
        raise Refusal("the board is full: remove a card first")
    last_id += 1
    cards[last_id] = Card(last_id, text)
    tell(cards[last_id])


def tell(card: Card) -> None:
    hub.broadcast("__all", Event.json(asdict(card), event="card"))
