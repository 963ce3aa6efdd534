package weaviatetest

import "syscall"

// attributes end the server with a test that ends without a word.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
