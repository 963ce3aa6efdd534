package shoplogs

import (
	"encoding/json"
	"time"
)

// AppendJSON appends the row as one line of JSON, with _time and _msg.
func (r *Row) AppendJSON(line []byte) []byte {
	message, fields := r.Fields(r.Labels(nil))
	line = append(line, `{"_time":"`...)
	line = r.Time.UTC().AppendFormat(line, time.RFC3339Nano)
	line = append(line, `","_msg":`...)
	line = appendText(line, message)
	for _, f := range fields {
		line = append(line, ',')
		line = append(appendText(line, f.Name), ':')
		line = appendText(line, f.Value)
	}
	return append(line, "}\n"...)
}

func appendText(line []byte, value string) []byte {
	text, _ := json.Marshal(value) // a text always can be
	return append(line, text...)
}
