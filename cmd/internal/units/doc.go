// Package units reads and writes sizes, counts, rates and times as people do.
//
// The nouns:
//
//   - A size is a number of bytes: "4M", "64MiB", "1.5G", "1GB". K, M, G, T, P, E
//     and their KiB forms are powers of two, as storage and memory are made;
//     a plain B behind the letter (KB, MB) makes it a power of ten, as in SI.
//     Upper and lower case mean the same.
//   - A count is written with commas: 12,345,678.
//   - A rate is a size or a count a second.
//   - A time is written as a clock does once it has minutes: 2.5 s, 4:05,
//     1:02:03.
package units
