// A page asks a language model, and sees the answer grow.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"unicode/utf8"

	"github.com/roomcast/roomcast/guest-sdk/go/config"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

type answer struct {
	Fetch  roomcast.Fetch
	Reader roomcast.EventReader
}

// answers are those under way, by the connection that has asked. A fetch's token is the connection's id.
var answers = map[string]*answer{}

func main() {
	// A client posts {"type": "ask", "prompt": "hello"}, or {"type": "cancel"}.
	roomcast.OnMessage(func(c roomcast.Connection, r *roomcast.Request, body roomcast.Body) (*roomcast.Response, error) {
		if c.IsZero() {
			return nil, roomcast.BadRequest("name your stream in the header Roomcast-Connection")
		}
		var message struct{ Type, Prompt string }
		if err := body.JSON(&message); err != nil {
			return nil, err
		}
		switch message.Type {
		case "ask":
			return nil, ask(c, message.Prompt)
		case "cancel":
			end(c.String())
			return nil, nil
		default:
			return nil, roomcast.BadRequest("`type` is \"ask\" or \"cancel\"")
		}
	})

	roomcast.OnFetchResponse(func(token string, status int, headers []roomcast.Header) {
		if status < 200 || status > 299 {
			end(token)
			tell(token, "failed", map[string]string{"why": fmt.Sprint("the model answers with status ", status)})
		}
	})

	roomcast.OnFetchChunk(func(token string, chunk roomcast.Body) {
		if answer := answers[token]; answer != nil {
			for _, event := range answer.Reader.Feed(chunk) {
				var piece struct {
					Choices []struct{ Delta struct{ Content string } }
				}
				err := json.Unmarshal([]byte(event.Data), &piece) // "[DONE]" is none
				if err == nil && len(piece.Choices) > 0 && piece.Choices[0].Delta.Content != "" {
					tell(token, "piece", map[string]string{"text": piece.Choices[0].Delta.Content})
				}
			}
		}
	})

	roomcast.OnFetchEnd(func(token string, err error) {
		end(token)
		if err != nil {
			tell(token, "failed", map[string]string{"why": fmt.Sprint("the model cannot be asked: ", err)})
		} else {
			tell(token, "done", map[string]string{})
		}
	})

	// The rest of an answer goes to the version that is there when it comes.
	roomcast.KeepJSON(&answers)
}

func ask(c roomcast.Connection, prompt string) error {
	if length := utf8.RuneCountInString(prompt); length < 1 || length > 4000 {
		return roomcast.BadRequest("`prompt` is a text of 1 to 4000 characters")
	}
	if answers[c.String()] != nil {
		return roomcast.BadRequest("an answer is under way: wait for its end, or cancel it")
	}
	settings, err := config.All()
	if err != nil {
		return err
	}
	headers := []roomcast.Header{{Name: "content-type", Value: "application/json"}}
	if authorization, ok := settings["authorization"]; ok {
		headers = append(headers, roomcast.Header{Name: "authorization", Value: authorization})
	}
	question, err := json.Marshal(map[string]any{
		"model": settings["model"], "stream": true,
		"messages": []map[string]string{{"role": "user", "content": prompt}},
	})
	if err != nil {
		return err
	}
	request := roomcast.FetchRequest{Method: "POST", URL: settings["upstream"], Headers: headers, Body: question, Connection: c}
	fetch, err := request.Start(c.String())
	if err == nil {
		answers[c.String()] = &answer{Fetch: fetch}
	}
	return err
}

func end(token string) {
	if answer := answers[token]; answer != nil {
		answer.Fetch.Cancel()
		delete(answers, token)
	}
}

func tell(token, event string, data any) {
	c, err := roomcast.ParseConnection(token)
	if err == nil && c.IsOpen() {
		err = c.Send(roomcast.JSON(event, data))
	}
	if err != nil {
		log.Println(err)
	}
}
