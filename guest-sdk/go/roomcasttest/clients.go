package roomcasttest

import (
	message "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_message"
	publish "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_publish"
	types "github.com/roomcast/roomcast/guest-sdk/go/internal/bindings/roomcast_plugin_types"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/hooks"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/host"
	"github.com/roomcast/roomcast/guest-sdk/go/internal/wire"
	wit "github.com/roomcast/roomcast/guest-sdk/go/internal/wit/types"
	"github.com/roomcast/roomcast/guest-sdk/go/roomcast"
)

// Connect requests a stream as a client, by the path with or without a query: "/sse?name=Ada". The error is the plugin's
// [*roomcast.Rejection]. Headers are names and values in turn.
func (h *Hub) Connect(target string, headers ...string) (roomcast.Connection, error) {
	h.t.Helper()
	id := h.world.open()
	var rejection *types.Rejection
	if handle := hooks.Plugin.Connect; handle != nil {
		rejection = handle(id, newHead("GET", target, headers))
	}
	if rejection != nil {
		checkAnswer(h.t, "OnConnect", rejection.Status == 204 || isRefusal(rejection.Status), rejection.Status, rejection.Headers)
		h.world.turnAway(id)
		h.settle()
		return roomcast.Connection{}, readRejection(rejection)
	}
	h.settle()
	return roomcast.Connection(id), nil
}

// Disconnect ends a connection for this reason.
func (h *Hub) Disconnect(c roomcast.Connection, reason roomcast.DisconnectReason) {
	h.t.Helper()
	if why := h.world.beginEnd(host.ID(c), types.DisconnectReason(reason)); why != nil {
		h.t.Fatalf("connection %s is not open", c)
	}
	h.settle()
}

// Message posts a message to /send as a client, which names its stream unless the connection is zero. The error is the plugin's
// [*roomcast.Rejection]. Headers are names and values in turn.
func (h *Hub) Message(c roomcast.Connection, body string, headers ...string) (*roomcast.Response, error) {
	h.t.Helper()
	handle := hooks.Plugin.Message
	if handle == nil {
		h.t.Fatal("the plugin does not register roomcast.OnMessage")
	}
	named := wit.None[host.ID]()
	if !c.IsZero() {
		named = wit.Some(host.ID(c))
		if _, why := h.world.openClient(host.ID(c)); why != nil {
			h.t.Fatalf("connection %s is not open: the host answers this message itself", c)
		}
	}
	reply, rejection := handle(named, newHead("POST", "/send", headers), []byte(body))
	defer h.settle()
	if rejection != nil {
		checkAnswer(h.t, "OnMessage", isRefusal(rejection.Status), rejection.Status, rejection.Headers)
		return nil, readRejection(rejection)
	}
	if reply.Tag() == message.Reply_Pass {
		return roomcast.Pass(), nil
	}
	response := reply.Answer()
	checkAnswer(h.t, "OnMessage", response.Status >= 200 && response.Status < 600, response.Status, response.Headers)
	return &roomcast.Response{Status: int(response.Status), Headers: readHeaders(response.Headers), Body: response.Body}, nil
}

// Join adds a connection to a room from outside, as through the API. The error is the plugin's [*roomcast.Rejection], or the
// hub's.
func (h *Hub) Join(c roomcast.Connection, room string) error {
	h.t.Helper()
	if handle := hooks.Plugin.Join; handle != nil {
		if rejection := handle(host.ID(c), room); rejection != nil {
			checkAnswer(h.t, "OnJoin", isRefusal(rejection.Status), rejection.Status, rejection.Headers)
			return readRejection(rejection)
		}
	}
	err := c.Join(room)
	h.settle()
	return err
}

// Leave removes a connection from a room from outside, as through the API.
func (h *Hub) Leave(c roomcast.Connection, room string) {
	h.t.Helper()
	was, _ := h.world.leave(host.ID(c), room)
	if handle := hooks.Plugin.Leave; handle != nil && was {
		handle(host.ID(c), room)
	}
	h.settle()
}

// Publish publishes an event through the API, and returns the number of receivers. The error is the plugin's
// [*roomcast.Rejection], or what is wrong with the event.
func (h *Hub) Publish(room string, e roomcast.Event) (receivers int, err error) {
	h.t.Helper()
	if handle := hooks.Plugin.Publish; handle != nil {
		event := wire.Event{Data: e.Data, Name: e.Name, ID: e.ID, ResetID: e.ResetID, Retry: e.Retry}
		verdict := handle(room, event.Lower(), publish.MakeOriginApi("127.0.0.1:51235"))
		switch verdict.Tag() {
		case publish.Verdict_Refuse:
			rejection := verdict.Refuse()
			checkAnswer(h.t, "OnPublish", isRefusal(rejection.Status), rejection.Status, rejection.Headers)
			return 0, readRejection(&rejection)
		case publish.Verdict_Rewrite:
			e = readEvent(verdict.Rewrite())
		}
	}
	receivers, err = roomcast.Broadcast(room, e)
	h.settle()
	return receivers, err
}

func readRejection(rejection *types.Rejection) *roomcast.Rejection {
	return &roomcast.Rejection{Status: int(rejection.Status), Headers: readHeaders(rejection.Headers), Body: rejection.Body}
}
