package route

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"google.golang.org/protobuf/reflect/protoregistry"
)

// Table is an immutable set of rows with an index for matching.
type Table struct {
	rows    []Row
	static  map[string][]*Row
	dynamic map[int][]*path
}

// Load builds the whole table: the bindings found in the registry and the
// native rows.
func Load(files *protoregistry.Files) (*Table, error) {
	rows, err := RPCs(files)
	if err != nil {
		return nil, fmt.Errorf("read http bindings: %w", err)
	}
	return New(append(Native(), rows...))
}

// New builds a table and refuses rows that do not declare everything, and two
// rows for one method and path.
func New(rows []Row) (*Table, error) {
	sort.SliceStable(rows, func(i, j int) bool { return less(&rows[i], &rows[j]) })
	t := &Table{rows: rows, static: map[string][]*Row{}, dynamic: map[int][]*path{}}
	var faults error
	for i := range t.rows {
		if err := t.add(&t.rows[i]); err != nil {
			faults = errors.Join(faults, err)
		}
	}
	if faults != nil {
		return nil, faults
	}
	return t, nil
}

// Rows lists the table by pattern, then method.
func (t *Table) Rows() []Row { return append([]Row(nil), t.rows...) }

func (t *Table) add(r *Row) error {
	if err := check(r); err != nil {
		return err
	}
	if !strings.Contains(r.Pattern, "{") {
		return t.addStatic(r)
	}
	segments := strings.Split(r.Pattern[1:], "/")
	for _, p := range t.dynamic[len(segments)] {
		if p.same(segments) {
			return p.add(r)
		}
	}
	t.dynamic[len(segments)] = append(t.dynamic[len(segments)], &path{segments: segments, rows: []*Row{r}})
	return nil
}

func (t *Table) addStatic(r *Row) error {
	for _, other := range t.static[r.Pattern] {
		if other.Method == r.Method {
			return twice(r)
		}
	}
	t.static[r.Pattern] = append(t.static[r.Pattern], r)
	return nil
}

// check refuses a row that leaves something undeclared.
func check(r *Row) error {
	name := r.Method + " " + r.Pattern
	switch {
	case r.Method == "" || !strings.HasPrefix(r.Pattern, "/"):
		return fmt.Errorf("route %q has no method or no path", name)
	case r.Permission == "":
		return fmt.Errorf("route %q declares no permission", name)
	case r.Effect != Read && r.Effect != Write:
		return fmt.Errorf("route %q declares no effect", name)
	case r.Permission != Public && r.Cost == 0:
		return fmt.Errorf("route %q declares no cost", name)
	case r.Handler == "" && r.RPC == "":
		return fmt.Errorf("route %q has neither a handler nor an RPC", name)
	case r.Stream && r.Effect != Read:
		return fmt.Errorf("route %q streams an answer but is not a read", name)
	case r.Success != 0 && (r.Success < 200 || r.Success > 299):
		return fmt.Errorf("route %q declares the success %d", name, r.Success)
	}
	for _, p := range r.NameParams {
		if !strings.Contains(r.Pattern, "{"+p+"}") {
			return fmt.Errorf("route %q names a parameter %q that is not in its path", name, p)
		}
	}
	return nil
}

func twice(r *Row) error { return fmt.Errorf("route %q stands twice", r.Method+" "+r.Pattern) }

func less(a, b *Row) bool {
	if a.Pattern != b.Pattern {
		return a.Pattern < b.Pattern
	}
	return a.Method < b.Method
}
