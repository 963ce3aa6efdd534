package ingest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

func (h *handler) loki(w http.ResponseWriter, r *http.Request) {
	tenant, err := Tenant(r.Header)
	if err != nil {
		Fail(w, "cannot parse common params from request: %v", err)
		return
	}
	c := columns(r)
	format, read := "protobuf", LokiProtobuf
	if strings.HasPrefix(r.Header.Get("Content-Type"), jsonType) {
		format, read = "json", LokiJSON
	}
	body, err := lokiBody(r)
	var rows []Row
	if err == nil {
		rows, err = read(body, c, h.now(), h.streams)
	}
	if err != nil {
		Fail(w, "cannot read Loki %s data: %v", format, err)
		return
	}
	h.add(tenant, c, rows)
	w.WriteHeader(http.StatusNoContent)
}

// lokiBody is a body whose packing belongs to the format: protobuf comes in
// snappy with or without saying so, even in a form.
func lokiBody(r *http.Request) ([]byte, error) {
	r = r.Clone(r.Context())
	if strings.HasPrefix(r.Header.Get("Content-Type"), jsonType) {
		return Body(r)
	}
	if r.Header.Get("Content-Encoding") == "snappy" {
		r.Header.Del("Content-Encoding")
	}
	r.Header.Del("Content-Type")
	body, err := Body(r)
	if err != nil {
		return nil, err
	}
	if body, err = unsnap(body); err != nil {
		return nil, fmt.Errorf("cannot decompress data: %w", err)
	}
	return body, nil
}

// LokiJSON reads Loki's push request in JSON: the labels of a stream name the
// stream; a line that is a JSON object is spread into fields.
func LokiJSON(body []byte, c Columns, now time.Time, streams *Streams) (rows []Row, err error) {
	var push struct {
		Streams []struct {
			Stream map[string]string   `json:"stream"`
			Values [][]json.RawMessage `json:"values"`
		} `json:"streams"`
	}
	if err := json.Unmarshal(body, &push); err != nil {
		return nil, fmt.Errorf("cannot parse JSON request body: %w", err)
	}
	for _, s := range push.Streams {
		labels := fieldsOf(s.Stream)
		for _, v := range s.Values {
			e, err := lokiValue(v, now)
			if err != nil {
				return nil, err
			}
			rows = e.appendRow(rows, labels, c, streams)
		}
	}
	return rows, nil
}

// entry is one line of a push.
type entry struct {
	at    int64
	line  string
	extra []Field
}

func lokiValue(v []json.RawMessage, now time.Time) (e entry, err error) {
	if len(v) < 2 || len(v) > 3 {
		return e, fmt.Errorf("unexpected number of values in the line array: %d; want 2 or 3", len(v))
	}
	var at string
	if err := json.Unmarshal(v[0], &at); err != nil {
		return e, fmt.Errorf("unexpected log timestamp type; want string: %w", err)
	}
	if e.at, err = lokiTime(at, now); err != nil {
		return e, err
	}
	if err := json.Unmarshal(v[1], &e.line); err != nil {
		return e, fmt.Errorf("unexpected log message type; want string: %w", err)
	}
	if len(v) == 3 {
		e.extra, err = Flatten(v[2], nil)
	}
	return e, err
}

func lokiTime(text string, now time.Time) (int64, error) {
	if text == "" || text == "0" {
		return now.UnixNano(), nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("cannot parse log timestamp %q: %w", text, err)
	}
	return n, nil
}

// appendRow adds the entry as a row, if it is a good one.
func (e entry) appendRow(rows []Row, labels []Field, c Columns, streams *Streams) []Row {
	fields := append([]Field(nil), labels...)
	if spread, err := Flatten([]byte(e.line), fields); err == nil {
		fields = spread
	} else if e.line != "" {
		fields = append(fields, Field{Name: msgField, Value: e.line})
	}
	if len(c.Stream) == 0 {
		for _, l := range labels {
			c.Stream = append(c.Stream, l.Name)
		}
	}
	if row, ok := c.rowAt(e.at, append(fields, e.extra...), streams); ok {
		rows = append(rows, row)
	}
	return rows
}
