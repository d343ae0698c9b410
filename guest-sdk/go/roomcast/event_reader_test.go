package roomcast

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestEventsAreReadHoweverTheyAreCut(t *testing.T) {
	var vectors []struct {
		What, Stream string
		Events       []struct{ Data, Event, ID string }
	}
	table, err := os.ReadFile("../../../tests/vectors/event-streams.json")
	if err != nil || json.Unmarshal(table, &vectors) != nil {
		t.Fatal(err)
	}
	for _, vector := range vectors {
		var want []Event
		for _, told := range vector.Events {
			want = append(want, Event{Data: told.Data, Name: told.Event, ID: told.ID})
		}
		for size := 1; size <= len(vector.Stream); size++ {
			var whole, restored EventReader
			var got, gotRestored []Event
			for at := 0; at < len(vector.Stream); at += size {
				piece := []byte(vector.Stream[at:min(at+size, len(vector.Stream))])
				got = append(got, whole.Feed(piece)...)
				gotRestored = append(gotRestored, restored.Feed(piece)...)
				// As over a reload.
				kept, err := json.Marshal(restored)
				if restored = (EventReader{}); err != nil || json.Unmarshal(kept, &restored) != nil {
					t.Fatal(err)
				}
			}
			if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(gotRestored, want) {
				t.Errorf("%s, in pieces of %d: got %+v and, over reloads, %+v, want %+v", vector.What, size, got, gotRestored, want)
			}
		}
	}
}

func TestAnEventIsGivenWhenItsEmptyLineIsThere(t *testing.T) {
	var reader EventReader
	if got := reader.Feed([]byte("data: a\r\r")); len(got) != 1 {
		t.Errorf("after CR CR there are %d events", len(got))
	}
	if got := reader.Feed([]byte("\ndata: b\r\n\r")); len(got) != 1 || got[0].Data != "b" {
		t.Errorf("after CR LF CR there are %+v", got)
	}
}

func TestALineOfManyPiecesIsLookedAtOnce(t *testing.T) {
	var reader EventReader
	reader.Feed([]byte("data: "))
	piece := []byte(strings.Repeat("x", 10))
	for range 1_000_000 {
		reader.Feed(piece)
	}
	if got := reader.Feed([]byte("\n\n")); len(got) != 1 || len(got[0].Data) != 10_000_000 {
		t.Errorf("%d events", len(got))
	}
}
