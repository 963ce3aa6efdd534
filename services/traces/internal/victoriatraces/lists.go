package victoriatraces

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"slices"
	"strconv"

	"github.com/platformbuilds/mirador-core/libs/identity"
	"github.com/platformbuilds/mirador-core/services/traces/internal/criteria"
	"github.com/platformbuilds/mirador-core/services/traces/internal/servicemap"
)

// maxList bounds a list in bytes.
const maxList = 8 << 20

// Services lists the services that have spans, sorted.
func (c *Client) Services(ctx context.Context, id *identity.Identity) ([]string, error) {
	return c.names(ctx, id, jaeger+"services")
}

// Operations lists the operations of a service, sorted. A name that is a path
// segment of its own kind has none.
func (c *Client) Operations(ctx context.Context, id *identity.Identity, service string) ([]string, error) {
	if service == "." || service == ".." {
		return nil, nil
	}
	return c.names(ctx, id, jaeger+"services/"+url.PathEscape(service)+"/operations")
}

func (c *Client) names(ctx context.Context, id *identity.Identity, path string) ([]string, error) {
	body, err := c.get(ctx, id, path, nil)
	if err != nil {
		return nil, judged(err)
	}
	defer body.Close()
	list, err := decode[name](body)
	if err != nil {
		return nil, broken(err)
	}
	names := make([]string, 0, len(list))
	for _, n := range list {
		if n != "" {
			names = append(names, string(n))
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// name of a service or an operation; some versions send operations as objects.
type name string

// UnmarshalJSON takes a text or {"name": text}.
func (n *name) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '{' {
		var object struct{ Name string }
		err := json.Unmarshal(raw, &object)
		*n = name(object.Name)
		return err
	}
	return json.Unmarshal(raw, (*string)(n))
}

// Dependencies asks for the calls between services that the back end has
// counted itself, or gives ErrUnsupported.
func (c *Client) Dependencies(ctx context.Context, id *identity.Identity, w criteria.Window) ([]servicemap.Call, error) {
	const feature = "dependencies"
	if c.features.lacks(feature) {
		return nil, servicemap.ErrUnsupported
	}
	body, err := c.get(ctx, id, jaeger+"dependencies", url.Values{
		"endTs":    {strconv.FormatInt(w.End.UnixMilli(), 10)},
		"lookback": {strconv.FormatInt(w.End.Sub(w.Start).Milliseconds(), 10)},
	})
	if err != nil {
		return nil, c.features.judge(feature, err)
	}
	defer body.Close()
	list, err := decode[struct {
		Parent, Child string
		CallCount     float64
	}](body)
	if err != nil {
		return nil, broken(err)
	}
	calls := make([]servicemap.Call, len(list))
	for i, d := range list {
		calls[i] = servicemap.Call{Parent: d.Parent, Child: d.Child, Count: d.CallCount}
	}
	return calls, nil
}

// decode reads {"data":[...]} or a bare array.
func decode[T any](body io.Reader) ([]T, error) {
	raw, err := io.ReadAll(io.LimitReader(body, maxList+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxList {
		return nil, errors.New("the list is too long")
	}
	var list []T
	if err := json.Unmarshal(raw, &list); err == nil {
		return list, nil
	}
	var answer struct{ Data *[]T }
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, err
	}
	if answer.Data == nil {
		return nil, noData(raw)
	}
	return *answer.Data, nil
}

// noData tells "data":null, which is an empty list, from no data at all.
func noData(raw []byte) error {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) == nil && string(members["data"]) == "null" {
		return nil
	}
	return errors.New("the answer has no data")
}
