package weaviate

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/weaviate/weaviate-go-client/v4/weaviate/batch"
	"github.com/weaviate/weaviate-go-client/v4/weaviate/pathbuilder"
	"github.com/weaviate/weaviate/entities/models"
)

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
