// Package client sends requests to a running Mirador as a stranger would and
// keeps the whole answer for checks.
package client

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// timeout of one request, far above what any test should wait for.
const timeout = 30 * time.Second

// Client talks to one gateway with one credential.
type Client struct {
	// URL of the gateway without a trailing slash.
	URL string
	// Token for the Authorization header; empty sends none.
	Token string
	http  *http.Client
}

// New returns a client; it follows no redirects and keeps no cookies.
func New(base, token string) *Client {
	return &Client{URL: base, Token: token, http: &http.Client{
		Timeout:       timeout,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 32},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close ends idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Answer is a whole HTTP answer.
type Answer struct {
	// Status is the number.
	Status int
	// Header as received, and Trailer behind the body.
	Header, Trailer http.Header
	// Body as received.
	Body []byte
}

// Do sends one request; a non-empty body is JSON unless a Content-Type is
// among the headers ("Name: value").
func (c *Client) Do(method, path, body string, headers ...string) (*Answer, error) {
	req, err := http.NewRequest(method, c.URL+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return &Answer{Status: resp.StatusCode, Header: resp.Header, Trailer: resp.Trailer, Body: b}, err
}

// Must is Do for answers that have to come.
func (c *Client) Must(t *testing.T, method, path, body string, headers ...string) *Answer {
	t.Helper()
	a, err := c.Do(method, path, body, headers...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// Refused is Must for a body that is refused before all of it was read: who goes
// on writing may be cut off before the answer is read, and then asks again.
func (c *Client) Refused(t *testing.T, method, path, body string, headers ...string) *Answer {
	t.Helper()
	for range 20 {
		if a, err := c.Do(method, path, body, headers...); err == nil {
			return a
		}
	}
	return c.Must(t, method, path, body, headers...)
}

// Get is Must for a GET.
func (c *Client) Get(t *testing.T, path string, headers ...string) *Answer {
	t.Helper()
	return c.Must(t, http.MethodGet, path, "", headers...)
}

// Post is Must for a POST of JSON.
func (c *Client) Post(t *testing.T, path string, body any, headers ...string) *Answer {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return c.Must(t, http.MethodPost, path, string(b), headers...)
}

// Form is Must for a POST of form parameters.
func (c *Client) Form(t *testing.T, path string, values url.Values) *Answer {
	t.Helper()
	return c.Must(t, http.MethodPost, path, values.Encode(), "Content-Type: application/x-www-form-urlencoded")
}

// Want fails the test unless the status is as given.
func (a *Answer) Want(t *testing.T, status int) *Answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d: %.600s", a.Status, status, a.Body)
	}
	return a
}

// At digs into the JSON body: object members by name, array items by index.
// It returns nil for what is not there.
func (a *Answer) At(path ...any) any {
	var v any
	if json.Unmarshal(a.Body, &v) != nil {
		return nil
	}
	for _, step := range path {
		switch at := v.(type) {
		case map[string]any:
			v = at[fmt.Sprint(step)]
		case []any:
			i, ok := step.(int)
			if !ok || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}
