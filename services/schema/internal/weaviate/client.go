package weaviate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"time"

	"github.com/weaviate/weaviate-go-client/v4/weaviate/batch"
	"github.com/weaviate/weaviate-go-client/v4/weaviate/connection"
	"github.com/weaviate/weaviate-go-client/v4/weaviate/pathbuilder"
	wvschema "github.com/weaviate/weaviate-go-client/v4/weaviate/schema"
	"github.com/weaviate/weaviate/entities/models"

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

// taken is what Weaviate says of one object of a batch. It sends the whole
// object back, which nobody needs.
type taken struct {
	ID     string
	Result *struct {
		Status string
		Errors *struct{ Error []struct{ Message string } }
	}
}

// put stores objects in one batch, in place of those of the same ids. Every
// object must have been taken.
func (c *client) put(ctx context.Context, objects []*models.Object) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	answers, err := c.send(ctx, objects)
	if err == nil && len(answers) != len(objects) {
		err = fmt.Errorf("%w: %d answers for %d objects", errRefused, len(answers), len(objects))
	}
	for _, a := range answers {
		err = cmp.Or(err, a.refusal())
	}
	return down("store objects", err)
}

func (c *client) send(ctx context.Context, objects []*models.Object) (answers []taken, err error) {
	path := pathbuilder.BatchObjects(pathbuilder.Components{ConsistencyLevel: c.consistency})
	answer, err := c.conn.RunREST(ctx, path, http.MethodPost, batch.ObjectsBatchRequestBody{Fields: []string{"ALL"}, Objects: objects})
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: status %d: %.300s", errRefused, answer.StatusCode, answer.Body)
	}
	return answers, json.Unmarshal(answer.Body, &answers)
}

func (t taken) refusal() error {
	switch {
	case t.Result == nil:
		return fmt.Errorf("%w: object %s has no result", errRefused, t.ID)
	case t.Result.Errors != nil && len(t.Result.Errors.Error) > 0:
		return fmt.Errorf("%w: object %s: %s", errRefused, t.ID, t.Result.Errors.Error[0].Message)
	case t.Result.Status != models.ObjectsGetResponseAO2ResultStatusSUCCESS:
		return fmt.Errorf("%w: object %s is %s", errRefused, t.ID, t.Result.Status)
	}
	return nil
}

func (c *client) classes(ctx context.Context) (map[string]*models.Class, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	dump, err := c.schema.Getter().Do(ctx)
	if err != nil {
		return nil, fmt.Errorf("read classes: %w", err)
	}
	there := map[string]*models.Class{}
	for _, class := range dump.Classes {
		there[class.Class] = class
	}
	return there, nil
}

func (c *client) createClass(ctx context.Context, class *models.Class) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	if err := c.schema.ClassCreator().WithClass(class).Do(ctx); err != nil {
		return fmt.Errorf("create class %s: %w", class.Class, err)
	}
	return nil
}

func (c *client) createProperty(ctx context.Context, class string, p *models.Property) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	if err := c.schema.PropertyCreator().WithClassName(class).WithProperty(p).Do(ctx); err != nil {
		return fmt.Errorf("create property %s: %w", p.Name, err)
	}
	return nil
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
