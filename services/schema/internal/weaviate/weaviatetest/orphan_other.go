//go:build !linux

package weaviatetest

import "syscall"

func attributes() *syscall.SysProcAttr { return nil }
