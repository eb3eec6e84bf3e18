#!/bin/sh
# Something worth recording: several processes, threads, files, and calls that fail.
work=$(mktemp -d)
cd "$work" || exit 1

# Files, written and read by processes that run beside each other.
for i in 1 2 3; do
	dd if=/dev/urandom of="data$i" bs=4096 count=24 2>/dev/null &
done
wait
cat data1 data2 data3 | tee all | sha256sum >checksum &

# A pipeline of small programs.
find /etc -maxdepth 1 -type f 2>/dev/null | sort | head -20 | xargs grep -l root 2>/dev/null | wc -l
wait

# Threads.
xz -T2 -1 --block-size=96KiB --keep all

# Failures: a file that is not there, a directory in the way, nobody to signal.
cat /etc/no-such-file 2>/dev/null
rm data1/not-a-directory 2>/dev/null
mkdir /etc 2>/dev/null
kill -0 999999 2>/dev/null

# Waiting.
sleep 0.2
rm -r "$work"
