package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecretsFromFiles(t *testing.T) {
	dir := t.TempDir()
	secret := write(t, dir, "secret", "  s3cret\n")
	tests := []struct {
		name, file string
		env        []string
		want       string
		fault      string
	}{
		{name: "plain name", env: []string{"JWT_SECRET_FILE=" + secret}, want: "s3cret"},
		{name: "prefixed name", env: []string{"MIRADOR_AUTH_JWT_SECRET_FILE=" + secret}, want: "s3cret"},
		{name: "key in the file", file: "auth: {jwt: {secret_file: " + secret + "}}", want: "s3cret"},
		{name: "plain value over file key", file: "auth: {jwt: {secret_file: " + secret + "}}", env: []string{"JWT_SECRET=other"}, want: "other"},
		{name: "both", env: []string{"JWT_SECRET=a", "JWT_SECRET_FILE=" + secret}, fault: "both set"},
		{name: "both in the file", file: "auth: {jwt: {secret: a, secret_file: " + secret + "}}", fault: "both set"},
		{name: "absent file", env: []string{"JWT_SECRET_FILE=/nowhere/at/all"}, fault: "JWT_SECRET_FILE"},
		{name: "empty file", env: []string{"JWT_SECRET_FILE=" + write(t, dir, "empty", " \n")}, fault: "is empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Load(defaults(), options(t, tt.file, tt.env...))
			switch {
			case tt.fault == "" && err != nil:
				t.Error(err)
			case tt.fault != "" && (err == nil || !strings.Contains(err.Error(), tt.fault)):
				t.Errorf("got %v, want %q", err, tt.fault)
			case got.JWT.Secret != tt.want && tt.fault == "":
				t.Errorf("got %q", got.JWT.Secret)
			}
		})
	}
}

func TestFileVariantIsForSecretsOnly(t *testing.T) {
	got, err := Load(defaults(), options(t, "", "PORT_FILE=/nowhere"))
	if err != nil || got.Port != 8080 {
		t.Errorf("port %d, %v", got.Port, err)
	}
}

func TestFind(t *testing.T) {
	tests := []struct {
		name  string
		files []string
		env   []string
		want  string
	}{
		{"none", nil, nil, ""},
		{"configs by environment", []string{"configs/config.test.yaml", "configs/config.yaml"}, []string{"ENVIRONMENT=test"}, "configs/config.test.yaml"},
		{"MIRADOR_ENV before ENV before ENVIRONMENT", []string{"configs/config.test.yaml", "configs/config.production.yaml"},
			[]string{"MIRADOR_ENV=test", "ENV=production", "ENVIRONMENT=production"}, "configs/config.test.yaml"},
		{"development by default", []string{"configs/config.development.yaml", "configs/config.yaml"}, nil, "configs/config.development.yaml"},
		{"plain file", []string{"configs/config.yaml", "config.yaml"}, []string{"ENV=production"}, "configs/config.yaml"},
		{"working folder", []string{"config.yaml", "config.development.yaml"}, nil, "config.development.yaml"},
		{"shell's ENV is no environment", []string{"config.development.yaml"}, []string{"ENV=/root/.profile"}, "config.development.yaml"},
		{"CONFIG_PATH", []string{"x/my.yaml", "configs/config.yaml"}, []string{"CONFIG_PATH=x/my.yaml"}, "x/my.yaml"},
		{"CONFIG_PATH names a folder", []string{"x/config.yaml"}, []string{"CONFIG_PATH=x"}, "x/config.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range tt.files {
				write(t, dir, name, "port: 1\n")
			}
			if _, err := os.Stat("/etc/mirador"); err == nil {
				t.Log("this host has /etc/mirador, which may win over the working folder")
			}
			got, err := Find(Options{Dir: dir, Environ: append([]string{"A=b"}, tt.env...)})
			if err != nil {
				t.Fatal(err)
			}
			if got != "" {
				got, _ = filepath.Rel(dir, got)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFindMissingFileIsAnError(t *testing.T) {
	for _, o := range []Options{
		{File: "absent.yaml", Environ: []string{}, Dir: t.TempDir()},
		{Environ: []string{"CONFIG_PATH=absent.yaml"}, Dir: t.TempDir()},
		{Environ: []string{"CONFIG_PATH=."}, Dir: t.TempDir()},
	} {
		if got, err := Find(o); err == nil {
			t.Errorf("%+v finds %q", o, got)
		}
	}
}
