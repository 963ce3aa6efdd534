package config

import (
	"fmt"
	"reflect"
	"strings"
)

// Row documents one key.
type Row struct {
	// Key is the dotted path; Type says what to write.
	Key, Type string
	// Default as JSON, masked when secret.
	Default string
	// Env lists the environment names, strongest first.
	Env []string
	// Reload tells whether a change holds without a restart.
	Reload bool
	// Doc is one sentence.
	Doc string
}

// Table documents every key of a configuration in declared order.
func Table[C any](defaults C, service string) ([]Row, error) {
	fields, err := fieldsOf(reflect.TypeOf(defaults), service)
	if err != nil {
		return nil, err
	}
	var rows []Row
	seen := map[string]bool{}
	for _, f := range fields {
		if seen[f.path] {
			continue
		}
		seen[f.path] = true
		rows = append(rows, f.row(reflect.ValueOf(defaults)))
	}
	return rows, nil
}

func (f field) row(defaults reflect.Value) Row {
	r := Row{Key: f.path, Type: f.describe(), Env: f.names(), Reload: f.reload, Doc: f.doc}
	r.Default = f.show(f.in(defaults))
	if f.secret {
		r.Doc = strings.TrimSpace(r.Doc + " (secret: also NAME_FILE and " + f.path + "_file)")
	}
	return r
}

// describe is the type of a field; an object lists its keys.
func (f field) describe() string {
	if f.typ.Kind() != reflect.Slice || f.typ.Elem().Kind() != reflect.Struct {
		return typeName(f.typ)
	}
	fields, _ := fieldsOf(f.typ.Elem(), f.service)
	var keys []string
	for _, inner := range fields {
		keys = append(keys, inner.path)
	}
	return "a list of objects {" + strings.Join(keys, ", ") + "}"
}

// Markdown prints rows as a table.
func Markdown(rows []Row) string {
	var b strings.Builder
	b.WriteString("| Key | Type | Default | Environment | Reload | Meaning |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | `%s` | %s | %s |\n",
			r.Key, cell(r.Type), cell(r.Default), strings.Join(r.Env, "` `"), yes(r.Reload), cell(r.Doc))
	}
	return b.String()
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "restart"
}
