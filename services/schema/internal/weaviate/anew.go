package weaviate

import (
	"math/rand/v2"

	"github.com/weaviate/weaviate/entities/models"
)

// attempt makes an object unlike the one that is stored, in a place of the
// world that means nothing. A Weaviate that is killed may keep an object and
// lose entries of its indexes, and skips what is equal when the object is put
// again. Only an object with another place, as one with another vector, gets a
// new number within Weaviate and all entries anew, in one request: deleting it
// first would take it from readers, and for good should this replica end in
// between while another one moves the position on.
type attempt struct {
	Latitude  float32 `json:"latitude"`
	Longitude float32 `json:"longitude"`
}

// anew has Weaviate make every index entry of an object again.
func anew(o *models.Object) {
	if p, ok := o.Properties.(properties); ok {
		p.Attempt = &attempt{Latitude: 90 * rand.Float32(), Longitude: 180 * rand.Float32()}
		o.Properties = p
	}
}

// again tells whether the next record may have been written before, perhaps to
// a Weaviate that was killed over it: all that stood in the log when the session
// began, and what other replicas left.
func (s *session) again() bool { return s.done < s.start || s.left() }
