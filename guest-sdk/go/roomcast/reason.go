package roomcast

// DisconnectReason is why a connection ended.
type DisconnectReason uint8

const (
	// ClientClosed: the client closed it, or its network failed.
	ClientClosed DisconnectReason = iota
	// PluginClosed: a plugin closed it.
	PluginClosed
	// OperatorClosed: an operator closed it through the API.
	OperatorClosed
	// SlowConsumer: its outbox was full.
	SlowConsumer
	// WriteTimeout: it accepted no bytes for longer than the write timeout.
	WriteTimeout
	// UnexpectedInput: it sent more bytes after its request than the host allows.
	UnexpectedInput
	// Rejected: a later plugin of the chain rejected it.
	Rejected
	// ServerShutdown: the server is shutting down.
	ServerShutdown
	// Answered: its request was answered completely. Not sent yet.
	Answered
	// TokenExpired: its token expired. Not sent yet.
	TokenExpired
	// Revoked: its token was revoked. Not sent yet.
	Revoked
	// MaxAge: it reached the maximum age of a stream. Not sent yet.
	MaxAge
	// OtherReason: a reason that this version of the SDK does not name.
	OtherReason
)

var reasons = [...]string{
	"client-closed", "plugin-closed", "operator-closed", "slow-consumer", "write-timeout", "unexpected-input", "rejected",
	"server-shutdown", "answered", "token-expired", "revoked", "max-age", "other",
}

// String returns the reason's name in logs, metrics and the API, for example slow-consumer.
func (r DisconnectReason) String() string {
	if int(r) >= len(reasons) {
		r = OtherReason
	}
	return reasons[r]
}
