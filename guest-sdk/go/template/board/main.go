// A board that everyone sees and changes: cards, and votes for them.
package main

import (
	"slices"
	"unicode/utf8"

	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

type card struct {
	ID    int    `json:"id"`
	Text  string `json:"text"`
	Votes int    `json:"votes"`
}

// board is what outlives a reload.
var board = struct {
	Cards  []card
	LastID int
}{Cards: []card{}}

func main() {
	roomcast.OnConnect(func(c roomcast.Connection, r *roomcast.Request) error {
		return c.Send(roomcast.JSON("board", board.Cards))
	})

	// A client posts {"type": "add", "text": "Tea"}, or {"type": "vote", "id": 1}, or of type "remove".
	roomcast.OnMessage(func(c roomcast.Connection, r *roomcast.Request, body roomcast.Body) (*roomcast.Response, error) {
		var message struct {
			Type, Text string
			ID         int
		}
		if err := body.JSON(&message); err != nil {
			return nil, err
		}
		switch message.Type {
		case "add":
			return nil, add(message.Text)
		case "vote", "remove":
			at := slices.IndexFunc(board.Cards, func(each card) bool { return each.ID == message.ID })
			if at < 0 {
				return nil, roomcast.BadRequest("there is no such card")
			}
			if message.Type == "vote" {
				board.Cards[at].Votes++
				return nil, tell("card", board.Cards[at])
			}
			board.Cards = slices.Delete(board.Cards, at, at+1)
			return nil, tell("removed", message.ID)
		default:
			return nil, roomcast.BadRequest("`type` is \"add\", \"vote\" or \"remove\"")
		}
	})

	// A new version starts with the board of the one before.
	roomcast.KeepJSON(&board)
}

func add(text string) error {
	if length := utf8.RuneCountInString(text); length < 1 || length > 200 {
		return roomcast.BadRequest("a card's `text` is 1 to 200 characters long")
	}
	if len(board.Cards) == 100 {
		return roomcast.BadRequest("the board is full: remove a card first")
	}
	board.LastID++
	board.Cards = append(board.Cards, card{ID: board.LastID, Text: text})
	return tell("card", board.Cards[len(board.Cards)-1])
}

func tell(event string, data any) error {
	_, err := roomcast.Broadcast("__all", roomcast.JSON(event, data))
	return err
}
