package splice

// pairs consumes whole members `"name":"text"` of an object, from the quote at
// i, each with the comma behind it. It returns where it stopped: before a
// member that the careful scanner must judge, or before the closing brace when
// last is true.
func pairs(p []byte, i int) (next int, last bool) {
	for {
		end := textEnd(p, i)
		if end == 0 || end+1 >= len(p) || p[end] != ':' || p[end+1] != '"' {
			return i, false
		}
		if end = textEnd(p, end+1); end == 0 || end+1 >= len(p) {
			return i, false
		}
		if p[end] == '}' {
			return end, true
		}
		if p[end] != ',' || p[end+1] != '"' {
			return i, false
		}
		i = end + 1
	}
}

// texts consumes whole strings of an array, from the quote at i, each with the
// comma behind it, and counts them. It stops before what is not plainly such a
// string with another one behind it.
func texts(p []byte, i int) (next, count int) {
	for {
		end := textEnd(p, i)
		if end == 0 || end+1 >= len(p) || p[end] != ',' || p[end+1] != '"' {
			return i, count
		}
		count++
		i = end + 1
	}
}

// textEnd returns the index behind the string without escapes whose opening
// quote is at i, or 0.
func textEnd(p []byte, i int) int {
	if i = plain(p, i+1); i < len(p) && p[i] == '"' {
		return i + 1
	}
	return 0
}
