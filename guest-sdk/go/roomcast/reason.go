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
	// SlowConsumer: more was waiting for it than its outbox may hold.
	SlowConsumer
	// WriteTimeout: it took no bytes for longer than the write time-out.
	WriteTimeout
	// UnexpectedInput: it sent more bytes after its request than a stream may.
	UnexpectedInput
	// Rejected: a later plugin of the chain rejected it.
	Rejected
	// ServerShutdown: the server is shutting down.
	ServerShutdown
	// OtherReason: something that this version of the SDK has no name for.
	OtherReason
)

var reasons = [...]string{
	"client-closed", "plugin-closed", "operator-closed", "slow-consumer", "write-timeout", "unexpected-input", "rejected",
	"server-shutdown", "other",
}

// String is the reason's name in logs, metrics and the API, for example slow-consumer.
func (r DisconnectReason) String() string {
	if int(r) >= len(reasons) {
		r = OtherReason
	}
	return reasons[r]
}
