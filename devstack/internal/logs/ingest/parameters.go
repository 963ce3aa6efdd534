package ingest

import (
	"net/http"
	"net/url"
	"strings"
)

// columns reads the parameters of a request: query arguments, else headers.
func columns(r *http.Request) Columns {
	args := r.URL.Query()
	c := Columns{
		Time:   list(args, r.Header, "_time_field", "VL-Time-Field"),
		Msg:    list(args, r.Header, "_msg_field", "VL-Msg-Field"),
		Stream: list(args, r.Header, "_stream_fields", "VL-Stream-Fields"),
		Ignore: list(args, r.Header, "ignore_fields", "VL-Ignore-Fields"),
	}
	for _, pair := range list(args, r.Header, "extra_fields", "VL-Extra-Fields") {
		name, value, _ := strings.Cut(pair, "=")
		c.Extra = append(c.Extra, Field{Name: name, Value: value})
	}
	debug := first(args.Get("debug"), r.Header.Get("VL-Debug"))
	c.Debug = debug != "" && debug != "0" && debug != "false"
	return c
}

func list(args url.Values, header http.Header, arg, name string) []string {
	text := first(args.Get(arg), header.Get(name))
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
