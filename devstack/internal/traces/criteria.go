package traces

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const defaultLimit = 20

// search is a request for traces: those with a span of the service that ended
// within the window and meets all conditions at once.
type search struct {
	service, operation string
	tags               map[string]string // by the name of the field
	longer, shorter    int64             // nanoseconds, both excluded; -1 means any
	start, end         int64             // nanoseconds, both included
	limit              int
}

// parseSearch reads query arguments; start and end are microseconds.
func parseSearch(args url.Values, now time.Time) (q search, err error) {
	q = search{service: args.Get("service"), operation: args.Get("operation"), limit: defaultLimit, end: now.UnixNano()}
	if q.service == "" {
		return q, errors.New("service name is required")
	}
	if q.tags, err = parseTags(args.Get("tags")); err != nil {
		return q, err
	}
	if err := cmp.Or(micros(args, "start", &q.start), micros(args, "end", &q.end)); err != nil {
		return q, err
	}
	if q.end%int64(time.Second) == 0 { // an end in whole seconds covers that second
		q.end += int64(time.Second) - 1
	}
	q.longer, q.shorter = -1, -1
	if err := cmp.Or(duration(args, "minDuration", &q.longer), duration(args, "maxDuration", &q.shorter)); err != nil {
		return q, err
	}
	return q, q.parseLimit(args.Get("limit"))
}

func micros(args url.Values, name string, into *int64) error {
	text := args.Get(name)
	if text == "" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("cannot parse %s [%s]: %w", name, text, err)
	}
	*into = min(max(n, math.MinInt64/2000), math.MaxInt64/2000) * 1000
	return nil
}

func duration(args url.Values, name string, into *int64) error {
	text := args.Get(name)
	if text == "" {
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("cannot parse %s [%s]: %w", name, text, err)
	}
	*into = int64(d)
	return nil
}

// parseLimit refuses what ends the real server's process.
func (q *search) parseLimit(text string) (err error) {
	if text == "" {
		return nil
	}
	if q.limit, err = strconv.Atoi(text); err != nil {
		return fmt.Errorf("cannot parse limit [%s]: %w", text, err)
	}
	if q.limit < 0 {
		return fmt.Errorf("limit [%s] is negative", text)
	}
	return nil
}

func parseTags(text string) (map[string]string, error) {
	if text == "" {
		return nil, nil
	}
	var tags map[string]string
	if err := json.Unmarshal([]byte(text), &tags); err != nil {
		return nil, fmt.Errorf("cannot parse tags [%s]: %w", text, err)
	}
	byField := make(map[string]string, len(tags))
	for name, value := range tags {
		field, stored := tagField(name, value)
		byField[field] = stored
	}
	return byField, nil
}

// tagField tells under which name and value a tag is stored.
func tagField(name, value string) (string, string) {
	switch name {
	case "error":
		return statusField, place(errorTexts[:], value)
	case "span.kind":
		return kindField, place(kindTexts[:], value)
	}
	for field, tag := range tagNames {
		if tag == name {
			return field, value
		}
	}
	for _, prefix := range []string{resourcePrefix, scopePrefix} {
		if strings.HasPrefix(name, prefix) {
			return name, value
		}
	}
	return spanPrefix + name, value
}

// place is the number that stands for a text, or the text.
func place(texts []string, text string) string {
	for i, t := range texts {
		if t == text {
			return strconv.Itoa(i)
		}
	}
	return text
}
