package splice

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// FuzzScanner holds the scanner against encoding/json: what one accepts the
// other accepts, with the same data, wherever the pieces are cut.
func FuzzScanner(f *testing.F) {
	for _, body := range golden(f) {
		if len(body) < 2000 {
			f.Add(body, uint8(len(body)), uint8(7))
		}
	}
	f.Add(matrix(2, 9), uint8(40), uint8(9))
	f.Add(`{"status":"success","data":{"resultType":"scalar","result":[1,"1"]},"warnings":["\u00e9"]}`, uint8(1), uint8(3))
	f.Fuzz(func(t *testing.T, body string, first, second uint8) {
		s := New(Limits{})
		data, err := scan(s, body, int(first)+1, int(second)+1)
		if body == "" || oddlyRefused(err, body) {
			return
		}
		var top map[string]json.RawMessage
		if jsonErr := json.Unmarshal([]byte(body), &top); jsonErr != nil || top == nil {
			if err == nil || errors.As(err, new(*StatusError)) {
				t.Fatalf("accepted what encoding/json refuses: %v", jsonErr)
			}
			return
		}
		checkAccepted(t, s, top, data, err)
	})
}

// oddlyRefused tells the few refusals that go beyond the grammar.
func oddlyRefused(err error, body string) bool {
	return err != nil && (strings.Contains(err.Error(), "twice") || strings.Contains(err.Error(), "nested") || len(body) > maxText)
}

func checkAccepted(t *testing.T, s *Scanner, top map[string]json.RawMessage, data string, err error) {
	var status string
	_ = json.Unmarshal(top["status"], &status)
	wanted := status == "success" && top["data"] != nil
	if (err == nil) != wanted {
		t.Fatalf("error %v with status %q and data %q", err, status, top["data"])
	}
	if wanted && data != string(top["data"]) {
		t.Fatalf("data %q, want %q", data, top["data"])
	}
	last := map[string]string{}
	for _, m := range s.Facts().Members {
		last[m.Name] = string(m.Value)
	}
	for name, value := range last {
		if string(top[name]) != value {
			t.Fatalf("member %q is %q, want %q", name, value, top[name])
		}
	}
}
