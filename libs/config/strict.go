package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// node is one part of a key in the tree of known keys.
type node struct {
	children map[string]*node
	// free marks a part below which this service does not look.
	free bool
	// leaf marks a key that has a value.
	leaf bool
}

func newNode() *node { return &node{children: map[string]*node{}} }

func (n *node) add(path string) *node {
	for part := range strings.SplitSeq(path, ".") {
		if n.children[part] == nil {
			n.children[part] = newNode()
		}
		n = n.children[part]
	}
	return n
}

// treeOf knows the keys of the fields, and the file form of secrets.
func treeOf(fields []field) *node {
	root := newNode()
	for _, f := range fields {
		root.add(f.path).leaf = true
		if f.secret && f.typ.Kind() == reflect.String {
			root.add(f.path + "_file").leaf = true
		}
	}
	return root
}

// unknownKeys reports every key of a file that nobody knows. One file may
// serve all services, so the contract's keys and the sections of other
// services pass.
func unknownKeys(settings map[string]any, fields []field, service, file string) []error {
	known := treeOf(fields)
	for _, section := range sections() {
		if known.children[section] == nil {
			known.add(section).free = true
		}
	}
	// A service may read a key of another one's section, such as its endpoint;
	// the rest of that section is still not its own to judge.
	for _, section := range deployables() {
		if section != service {
			known.add(section).free = true
		}
	}
	// Where a service is, its callers read in its section.
	for _, key := range append(contractKeys(), service+".endpoint") {
		known.addForeign(key)
	}
	return unknownIn(settings, known, "", file)
}

// addForeign adds a key that this service does not read. What the service
// itself declares stays strict.
func (n *node) addForeign(key string) {
	path, free := strings.CutSuffix(key, ".*")
	for part := range strings.SplitSeq(path, ".") {
		if n.free || n.leaf {
			return
		}
		n = n.add(part)
	}
	if len(n.children) == 0 && !n.leaf {
		n.free, n.leaf = free, !free
	}
}

func unknownIn(settings map[string]any, known *node, parent, file string) []error {
	var faults []error
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		path := join(parent, key)
		n := known.children[key]
		inner, isMap := settings[key].(map[string]any)
		switch {
		case n == nil:
			faults = append(faults, unknown(path, join(parent, nearest(key, known)), file))
		case n.free || n.leaf:
		case isMap:
			faults = append(faults, unknownIn(inner, n, path, file)...)
		default:
			faults = append(faults, fmt.Errorf("%s%s: want an object", path, inFile(file)))
		}
	}
	return faults
}

func unknown(path, near, file string) error {
	if near == "" || strings.HasSuffix(near, ".") {
		return fmt.Errorf("unknown key %q%s", path, inFile(file))
	}
	return fmt.Errorf("unknown key %q%s: did you mean %q?", path, inFile(file), near)
}

func inFile(file string) string {
	if file == "" {
		return ""
	}
	return " in " + file
}

// unknownFlags reports every flag that names no declared key.
func unknownFlags(flags map[string]string, fields []field) []error {
	known := newNode()
	for _, f := range fields {
		known.children[f.path] = newNode()
	}
	var faults []error
	for _, key := range slices.Sorted(maps.Keys(flags)) {
		if known.children[key] == nil {
			faults = append(faults, unknown(key, nearest(key, known), ""))
		}
	}
	return faults
}
