package roomcast

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestEventsAreReadHoweverTheyAreCut(t *testing.T) {
	stream := "\uFEFFdata: {\"a\":1}\n\n: comment\nevent: delta\r\ndata: ж\r\ndata:  two\r\nid: 7\r\n\r\nevent: empty\n\ndata\rdata: x:y\r\rretry: 5\ndata: unfinished"
	want := []Event{{Data: `{"a":1}`}, {Name: "delta", Data: "ж\n two", ID: "7"}, {Data: "\nx:y"}}
	for size := 1; size <= len(stream); size++ {
		var reader EventReader
		var got []Event
		for at := 0; at < len(stream); at += size {
			got = append(got, reader.Feed([]byte(stream[at:min(at+size, len(stream))]))...)
			// As over a reload.
			kept, err := json.Marshal(reader)
			if reader = (EventReader{}); err != nil || json.Unmarshal(kept, &reader) != nil {
				t.Fatal(err)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("in pieces of %d: got %+v, want %+v", size, got, want)
		}
	}
}
