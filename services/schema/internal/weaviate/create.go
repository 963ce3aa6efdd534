package weaviate

import (
	"context"
	"fmt"
	"slices"

	"github.com/weaviate/weaviate/entities/models"
)

// create makes the classes that are missing, and properties that a class of an
// older program lacks. It tells whether anything was missing.
func (c *client) create(ctx context.Context, nested []string) error {
	there, err := c.classes(ctx)
	if err != nil {
		return err
	}
	for _, want := range schema(nested) {
		have, ok := there[want.Class]
		if !ok {
			if err := c.createClass(ctx, want); err != nil {
				return err
			}
			continue
		}
		for _, p := range want.Properties {
			if slices.ContainsFunc(have.Properties, func(h *models.Property) bool { return h.Name == p.Name }) {
				continue
			}
			if err := c.createProperty(ctx, want.Class, p); err != nil {
				return fmt.Errorf("class %s: %w", want.Class, err)
			}
		}
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
