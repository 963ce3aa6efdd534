package ingest

import (
	"encoding/json"
	"fmt"
	"net/http"
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
	if body, err = unsnap(body, maxBody); err != nil {
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
