# SPDX-License-Identifier: GPL-2.0-only
# syscall_args.tsv, unistd_64.h, unistd_32.h -> the two tables as C initialisers:
# CALL_64(number, name, argument count, texts) and CALL_32(...).
FILENAME ~ /syscall_args.tsv$/ {
	if ($0 ~ /^#/) next
	split($0, column, "\t")
	count = column[3] == "" ? 0 : split(column[3], argument, ",")
	arguments[column[1], column[2]] = count
	gsub(/[A-Z][A-Z0-9_]*/, "TEXTS_&", column[4])
	gsub(/ /, " | ", column[4])
	texts[column[1], column[2]] = column[4] == "" ? "0" : column[4]
	next
}
/^#define __NR_[a-z0-9_]+ [0-9]+$/ {
	table = FILENAME ~ /unistd_32.h$/ ? 32 : 64
	name = substr($2, 6)
	count = 6
	if ((64, name) in arguments) count = arguments[64, name]
	if (table == 32 && (32, name) in arguments) count = arguments[32, name]
	text = "0"
	if ((64, name) in texts) text = texts[64, name]
	if (table == 32 && (32, name) in texts) text = texts[32, name]
	printf "CALL_%d(%d, %s, %d, %s)\n", table, $3, name, count, text
}
