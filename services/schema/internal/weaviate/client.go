package weaviate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"time"

	"github.com/weaviate/weaviate-go-client/v4/weaviate/connection"
	wvschema "github.com/weaviate/weaviate-go-client/v4/weaviate/schema"

	"github.com/platformbuilds/mirador-core/libs/fault"
)

const (
	// readTimeout bounds one question, writeTimeout one batch of objects.
	readTimeout  = 5 * time.Second
	writeTimeout = 30 * time.Second
)

var (
	errNoObject = errors.New("no such object")
	errRefused  = errors.New("refused by weaviate")
)

// client speaks to one Weaviate through parts of the official client. The
// whole of it asks the server for its version as soon as it is made, which a
// service that starts before Weaviate must not.
type client struct {
	conn        *connection.Connection
	http        *http.Client
	schema      *wvschema.API
	consistency string
}

func newClient(c Config) *client {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 16, MaxConnsPerHost: 64, IdleConnTimeout: time.Minute,
	}
	header := map[string]string{}
	if c.APIKey != "" {
		header["Authorization"] = "Bearer " + c.APIKey
	}
	hc := &http.Client{Transport: transport}
	conn := connection.NewConnection(c.Scheme, c.address(), hc, writeTimeout, header)
	// Its finalizer waits for somebody who is only there with OIDC, and with it
	// would wait every other finalizer.
	runtime.SetFinalizer(conn, nil)
	return &client{conn: conn, http: hc, schema: wvschema.New(conn), consistency: c.Consistency}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// down turns an error into the fault that callers see: 503, and 504 when their
// own time is over.
func down(op string, err error) error {
	var f *fault.Error
	if err == nil || errors.As(err, &f) || errors.Is(err, context.Canceled) || errors.Is(err, errNoObject) {
		return err
	}
	return fault.New(fault.CodeUnavailable, "Service unavailable").WithDetail("the store of definitions is away").
		WithRetryAfter(time.Second).Wrap(fmt.Errorf("%s: %w", op, err))
}

// rest sends one request and decodes a good answer into out.
func (c *client) rest(ctx context.Context, method, path string, body, out any) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	answer, err := c.conn.RunREST(ctx, path, method, body)
	if err != nil {
		return err
	}
	switch {
	case answer.StatusCode == http.StatusNotFound:
		return errNoObject
	case answer.StatusCode >= http.StatusMultipleChoices:
		return fmt.Errorf("%w: status %d: %.300s", errRefused, answer.StatusCode, answer.Body)
	case out == nil:
		return nil
	}
	return json.Unmarshal(answer.Body, out)
}

// get reads the properties of one object into out, or gives errNoObject.
func (c *client) get(ctx context.Context, class, id string, out any) error {
	path := "/objects/" + class + "/" + id
	if c.consistency != "" {
		path += "?consistency_level=" + url.QueryEscape(c.consistency)
	}
	answer := struct {
		Properties any `json:"properties"`
	}{out}
	return down("read object", c.rest(ctx, http.MethodGet, path, nil, &answer))
}

// ask runs one GraphQL question; out gets what is under "Get". Weaviate says
// 200 and lists errors when it cannot answer.
func (c *client) ask(ctx context.Context, question string, out any) error {
	var answer struct {
		Data   struct{ Get json.RawMessage }
		Errors []struct{ Message string }
	}
	err := c.rest(ctx, http.MethodPost, "/graphql", map[string]string{"query": "{Get{" + question + "}}"}, &answer)
	if err == nil && len(answer.Errors) > 0 {
		err = fmt.Errorf("%w: %.300s", errRefused, answer.Errors[0].Message)
	}
	if err == nil {
		err = json.Unmarshal(answer.Data.Get, out)
	}
	if errors.Is(err, errNoObject) {
		err = fmt.Errorf("%w: no graphql", errRefused)
	}
	return down("ask", err)
}

// check fails unless Weaviate is ready and has the class of projections.
func (c *client) check(ctx context.Context) error {
	err := c.rest(ctx, http.MethodGet, "/schema/"+stateClass, nil, nil)
	if errors.Is(err, errNoObject) {
		return errors.New("weaviate has lost its classes")
	}
	return err
}

// level is the argument of a question that names the consistency.
func (c *client) level() string {
	if c.consistency == "" {
		return ""
	}
	return ",consistencyLevel:" + c.consistency
}
