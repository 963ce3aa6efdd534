// Package logsql parses and evaluates the larger part of LogsQL, VictoriaLogs'
// query language, over rows of the store. It answers as version 1.26 does,
// errors included; what that version knows and this package does not is an
// error, never a wrong answer.
package logsql
