package weaviate

import "github.com/weaviate/weaviate/entities/models"

var (
	yes, no = new(true), new(false)
)

func plainProperty(name, dataType string) *models.Property {
	return &models.Property{Name: name, DataType: []string{dataType}, IndexFilterable: no, IndexSearchable: no}
}

// exact is compared as a whole, with case and punctuation.
func exact(name string) *models.Property {
	p := plainProperty(name, "text")
	p.Tokenization, p.IndexFilterable = models.PropertyTokenizationField, yes
	return p
}

// text is for people and their searches.
func text(name string) *models.Property {
	p := plainProperty(name, "text")
	p.Tokenization, p.IndexSearchable = models.PropertyTokenizationWord, yes
	return p
}

// stems are ready to be searched: words in one form, between blanks.
func stems(name string) *models.Property {
	p := plainProperty(name, "text")
	p.Tokenization, p.IndexSearchable = models.PropertyTokenizationWhitespace, yes
	return p
}

// silent is only read.
func silent(name string) *models.Property { return plainProperty(name, "text") }

func words(name string) *models.Property {
	p := plainProperty(name, "text[]")
	p.Tokenization, p.IndexFilterable = models.PropertyTokenizationField, yes
	return p
}

func integer(name string) *models.Property {
	p := plainProperty(name, "int")
	p.IndexFilterable = yes
	return p
}

func date(name string) *models.Property { return plainProperty(name, "date") }

// unindexed place that only tells one writing of an object from another.
func place(name string) *models.Property { return plainProperty(name, "geoCoordinates") }

func reference(name, class string) *models.Property {
	return &models.Property{Name: name, DataType: []string{class}}
}

func object(name string, members []*models.NestedProperty) *models.Property {
	p := plainProperty(name, "object")
	p.NestedProperties = members
	return p
}

// nestedTexts are the members of a free object that Weaviate is told of: the
// configured keys, and the whole object as a text.
func nestedTexts(keys []string) []*models.NestedProperty {
	list := []*models.NestedProperty{{Name: jsonMember, DataType: []string{"text"}}}
	for _, k := range keys {
		if k != jsonMember {
			list = append(list, &models.NestedProperty{Name: k, DataType: []string{"text"}})
		}
	}
	return list
}

// flag can be filtered by.
func flag(name string) *models.Property {
	p := plainProperty(name, "boolean")
	p.IndexFilterable = yes
	return p
}
