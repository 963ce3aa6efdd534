package weaviate

import (
	"slices"

	"github.com/weaviate/weaviate/entities/models"

	"github.com/platformbuilds/mirador-core/services/schema/internal/definition"
)

// kindClass names the classes of a kind.
type kindClass struct {
	head, version string
	// parent and extra are the properties that only this kind has.
	parent string
	extra  []*models.Property
}

var classes = map[definition.Kind]kindClass{
	definition.Metric: {"Metric", "MetricVersion", "", []*models.Property{
		silent("owner"), words("tags"), silent("unit"), silent("source"), reference("labels", "Label")}},
	definition.Label: {"Label", "LabelVersion", "metric", []*models.Property{
		silent("type"), plainProperty("required", "boolean")}},
	definition.LogField: {"LogField", "LogFieldVersion", "", []*models.Property{
		silent("type"), words("tags"), plainProperty("examples", "text[]")}},
	definition.Service: {"Service", "ServiceVersion", "", []*models.Property{
		silent("purpose"), silent("owner"), words("tags")}},
	definition.Operation: {"Operation", "OperationVersion", "service", []*models.Property{
		silent("purpose"), silent("owner"), words("tags")}},
}

// stateClass holds how far logs are projected.
const stateClass = "SchemaProjection"

// schema lists all classes; a class comes after those that it refers to.
func schema(nested []string) []*models.Class {
	list := []*models.Class{class(stateClass, silent("log"), silent("sequence"))}
	for _, kind := range []definition.Kind{definition.Label, definition.Metric, definition.LogField, definition.Service, definition.Operation} {
		list = append(list, headClass(kind, nested), versionClass(kind, nested))
	}
	return list
}

func class(name string, properties ...*models.Property) *models.Class {
	return &models.Class{Class: name, Vectorizer: "none", Properties: properties,
		// Every word counts: a metric may be called "the".
		InvertedIndexConfig: &models.InvertedIndexConfig{Stopwords: &models.StopwordConfig{Preset: "none"}}}
}

func headClass(kind definition.Kind, nested []string) *models.Class {
	c := classes[kind]
	properties := append(keyProperties(c), text("definition"), integer("version"), date("updatedAt"),
		flag("deleted"), stems("nameWords"), stems("tagWords"), stems("words"), silent("meta"), silent("content"), place("attempt"))
	properties = append(properties, c.extra...)
	if kind == definition.Label {
		properties = append(properties, object("allowedValues", nestedTexts(nested)))
	}
	return class(c.head, properties...)
}

func versionClass(kind definition.Kind, nested []string) *models.Class {
	c := classes[kind]
	return class(c.version, append(keyProperties(c), integer("version"), silent("author"), date("createdAt"),
		object("payload", payload(kind, nested)), silent("meta"), silent("content"), place("attempt"))...)
}

func keyProperties(c kindClass) []*models.Property {
	list := []*models.Property{exact("tenantId"), exact("name"), exact("order")}
	if c.parent != "" {
		list = append(list, exact(c.parent))
	}
	return list
}

// payload declares the members of a version's payload, which a server without
// automatic classes insists on.
func payload(kind definition.Kind, nested []string) []*models.NestedProperty {
	c := classes[kind]
	var list []*models.NestedProperty
	for _, p := range slices.Concat(keyProperties(c), []*models.Property{text("definition"), date("updatedAt")}, c.extra) {
		if p.DataType[0] != "Label" && p.Name != "order" {
			list = append(list, &models.NestedProperty{Name: p.Name, DataType: p.DataType})
		}
	}
	if kind == definition.Label {
		list = append(list, &models.NestedProperty{Name: "allowedValues", DataType: []string{"object"}, NestedProperties: nestedTexts(nested)})
	}
	return list
}
